package io.freshet.deploy.curation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.vision.embed.EmbeddingException;
import io.freshet.vision.embed.EmbeddingSpace;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.image.ImageRejectedException;
import io.freshet.vision.image.RgbImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EmbeddedImagesTest {
  private final List<LeftOut> leftOut = new ArrayList<>();

  /** Reads pixels from a list; each is a number or why it can't be read. */
  private final class Listed extends AheadSource {
    private final int total;
    private final Iterator<Object> places;

    Listed(List<Object> places) {
      super(leftOut::add);
      this.total = places.size();
      this.places = places.iterator();
    }

    @Override
    protected boolean hasPlace() {
      return places.hasNext();
    }

    @Override
    protected Optional<BatchImage> look() {
      Object place = places.next();
      return readOrLeaveOut(place.toString(), "", () -> read(place))
          .map(
              image ->
                  new BatchImage(
                      place.toString(),
                      "",
                      new Place.InFile(Path.of(place.toString())),
                      new BatchImage.Pixels(image)));
    }

    private RgbImage read(Object place) throws IOException, ImageRejectedException {
      if (place instanceof ImageRejectedException rejected) {
        throw rejected;
      }
      if (place instanceof IOException broken) {
        throw broken;
      }
      if (place instanceof RuntimeException unreadable) {
        throw unreadable;
      }
      return new RgbImage(1, 1, new byte[] {((Integer) place).byteValue(), 0, 0});
    }

    @Override
    public long total() {
      return total;
    }

    @Override
    public void close() {}
  }

  /** Fails on images whose first pixel is over 9 in red. */
  private static final class OneDigit implements ImageEmbedder {
    @Override
    public EmbeddingSpace space() {
      return EmbeddingSpace.parse("digit@1/pixel/l2");
    }

    @Override
    public int dim() {
      return 1;
    }

    @Override
    public float[][] embed(List<RgbImage> images) {
      images.stream()
          .filter(image -> image.rgb()[0] > 9)
          .findFirst()
          .ifPresent(
              image -> {
                throw new EmbeddingException("two digits");
              });
      return images.stream().map(image -> new float[] {image.rgb()[0]}).toArray(float[][]::new);
    }

    @Override
    public void close() {}
  }

  @Test
  void leavesOutWhatCannotBeReadOrEmbedded() {
    for (int batch = 1; batch <= 7; batch++) {
      leftOut.clear();
      Listed source =
          new Listed(
              List.of(
                  11,
                  1,
                  new ImageRejectedException(
                      ImageRejectedException.Reason.TRUNCATED, "half an image"),
                  new IllegalArgumentException("no canonical image"),
                  2,
                  12,
                  3));
      List<Float> given = new ArrayList<>();
      EmbeddedImages images =
          new EmbeddedImages(source, new OneDigit(), batch, leftOut::add, () -> {});
      images.forEachRemaining(image -> given.add(image.vector()[0]));
      assertEquals(List.of(1f, 2f, 3f), given, "in batches of " + batch);
      assertEquals(
          List.of("half an image", "no canonical image", "two digits", "two digits"),
          leftOut.stream().map(LeftOut::reason).sorted().toList());
      assertEquals(source.total(), source.looked());
    }
  }

  @Test
  void isEmptyWhereTheModelFailsOnAll() {
    List<Object> all = new ArrayList<>(IntStream.range(20, 25).boxed().toList());
    EmbeddedImages images =
        new EmbeddedImages(new Listed(all), new OneDigit(), 2, leftOut::add, () -> {});
    assertFalse(images.hasNext());
    assertEquals(5, leftOut.size());
  }

  @Test
  void aDiskThatFailsIsAnError() {
    Listed source = new Listed(List.of(new IOException("no such device")));
    assertThrows(UncheckedIOException.class, source::hasNext);
    assertEquals(List.of(), leftOut);
  }
}
