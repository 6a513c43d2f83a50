package io.freshet.deploy.demo;

import io.freshet.deploy.demo.CrawlItem.Alteration;
import io.freshet.deploy.demo.CrawlItem.Picture;
import io.freshet.deploy.demo.DemoImages.PhotoSize;
import io.freshet.deploy.demo.DemoImages.PhotoSquare;
import io.freshet.deploy.demo.DemoImages.Split;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * The endless sequence of image links that the demo's site serves, the same for the same seed: so a
 * demo that is started again goes on where it stopped.
 *
 * <p>First every training picture once that is neither a seed nor an evaluation query; then new
 * squares, cut at random from the training halves, for ever. Between them the share of copies and
 * defects that {@link Mix} asks for.
 *
 * <p>Thread-safe.
 */
public final class CrawlPlan {
  private static final int MIN_SIDE = 96;
  private static final int MAX_SIDE = 160;
  private static final int COPY_WINDOW = 400;
  private static final List<String> FORBIDDEN_URLS =
      List.of(
          "http://10.0.0.7/holiday.jpg",
          "http://169.254.169.254/latest/meta-data/photo.jpg",
          "http://192.168.1.1/router.png",
          "file:///etc/passwd.jpg");

  private final Mix mix;
  private final Random random;
  private final Deque<Picture> photosLeft;
  private final Deque<Picture> drawingsLeft;
  private final List<PhotoSize> sizes;
  private final List<String> photos;
  private final List<Picture> pictures = new ArrayList<>();
  private final List<CrawlItem> items = new ArrayList<>();

  /**
   * Shares of what is served, each 0..1.
   *
   * @param drawings share of drawings among pictures while there are drawings left
   * @param copies share of copies among all items
   * @param defects share of defects among all items
   */
  public record Mix(double drawings, double copies, double defects) {
    public Mix {
      if (drawings < 0 || copies < 0 || defects < 0 || drawings > 1 || copies + defects >= 1) {
        throw new IllegalArgumentException(
            "shares must be 0..1 and copies + defects below 1, not drawings %s, copies %s, defects %s"
                .formatted(drawings, copies, defects));
      }
    }
  }

  public CrawlPlan(DemoImages images, DemoSeeds seeds, Mix mix, long seed) {
    this.mix = mix;
    this.random = new Random(seed);
    Set<PhotoSquare> seedSquares = new HashSet<>(seeds.photoSquares());
    Set<String> seedDrawings = new HashSet<>(seeds.drawingFiles());
    this.photosLeft =
        shuffled(
            images.squares(Split.TRAIN).stream()
                .filter(square -> !seedSquares.contains(square))
                .<Picture>map(CrawlItem.Square::new)
                .toList());
    Set<ByteBuffer> evaluated = evaluationDrawings(images);
    this.drawingsLeft =
        shuffled(
            images.drawings().stream()
                .filter(file -> !seedDrawings.contains(file))
                .filter(file -> !evaluated.contains(ByteBuffer.wrap(images.drawing(file))))
                .<Picture>map(CrawlItem.Drawing::new)
                .toList());
    this.photos = images.photoSizes().keySet().stream().sorted().toList();
    this.sizes = photos.stream().map(images.photoSizes()::get).toList();
  }

  /** Item {@code index} of the sequence, counted from 0. */
  public synchronized CrawlItem item(int index) {
    while (items.size() <= index) {
      items.add(next());
    }
    return items.get(index);
  }

  private CrawlItem next() {
    double roll = random.nextDouble();
    if (roll < mix.defects()) {
      return defect();
    }
    if (roll < mix.defects() + mix.copies() && !pictures.isEmpty()) {
      Alteration[] alterations = Alteration.values();
      return new CrawlItem.Copy(recentPicture(), alterations[random.nextInt(alterations.length)]);
    }
    Picture picture = picture();
    pictures.add(picture);
    return picture;
  }

  private Picture picture() {
    if (random.nextDouble() < mix.drawings() && !drawingsLeft.isEmpty()) {
      return drawingsLeft.pop();
    }
    return photosLeft.isEmpty() ? new CrawlItem.Square(newSquare()) : photosLeft.pop();
  }

  private PhotoSquare newSquare() {
    int photo = random.nextInt(photos.size());
    PhotoSize half = sizes.get(photo).trainHalf();
    int longest = Math.min(MAX_SIDE, Math.min(half.width(), half.height()));
    int side = MIN_SIDE + random.nextInt(longest - MIN_SIDE + 1);
    int x = random.nextInt(half.width() - side + 1);
    int y = random.nextInt(half.height() - side + 1);
    return new PhotoSquare(photos.get(photo), Split.TRAIN, x, y, side);
  }

  private CrawlItem defect() {
    return switch (random.nextInt(4)) {
      case 0 ->
          pictures.isEmpty()
              ? new CrawlItem.HtmlAsJpeg()
              : new CrawlItem.Truncated(recentPicture());
      case 1 -> new CrawlItem.HtmlAsJpeg();
      case 2 -> new CrawlItem.Missing();
      default -> {
        String url = FORBIDDEN_URLS.get(random.nextInt(FORBIDDEN_URLS.size()));
        yield new CrawlItem.Forbidden(url + "?" + items.size());
      }
    };
  }

  private Picture recentPicture() {
    int window = Math.min(COPY_WINDOW, pictures.size());
    return pictures.get(pictures.size() - 1 - random.nextInt(window));
  }

  /** The archive holds some drawings twice, under two names: equal bytes are equal drawings. */
  private static Set<ByteBuffer> evaluationDrawings(DemoImages images) {
    Set<ByteBuffer> contents = new HashSet<>();
    images
        .labelledDrawings()
        .forEach(
            (file, label) -> {
              if (label.split() == Split.EVAL) {
                contents.add(ByteBuffer.wrap(images.drawing(file)));
              }
            });
    return contents;
  }

  private Deque<Picture> shuffled(List<Picture> all) {
    List<Picture> copy = new ArrayList<>(all);
    Collections.shuffle(copy, random);
    return new ArrayDeque<>(copy);
  }
}
