package io.freshet.deploy.bench;

import io.freshet.deploy.demo.DemoImages;
import io.freshet.deploy.demo.DemoImages.PhotoSquare;
import io.freshet.deploy.demo.DemoImages.Split;
import io.freshet.vision.image.RgbImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * A stream for people who want photographs: one image in five is a square of a photograph, the
 * others are {@link Pollution}.
 *
 * @param seeds squares that say what is wanted; not in the stream
 * @param items in random order
 */
record PollutedStream(List<RgbImage> seeds, List<Item> items) {
  /** One square in so many is a seed, which then asks for as many images as there are for it. */
  private static final int SQUARES_PER_SEED = 12;

  /** One square in so many is in the stream. */
  private static final int SQUARES_PER_ITEM = 4;

  private static final int UNWANTED_PER_WANTED = 2;
  private static final int REPEATED_SQUARES = 20;

  private static final List<CopyTransform> REPETITIONS =
      List.of(
          CopyTransform.JPEG_90,
          CopyTransform.JPEG_50,
          CopyTransform.HALF_SIZE,
          CopyTransform.CROP_90,
          CopyTransform.BRIGHTNESS_120);

  private static final long ORDER_SEED = 5;
  private static final long SHADE_SEED = 9;

  /** Of a placeholder, at least: most are nearly white. */
  private static final int DARKEST_SHADE = 160;

  /** What nobody wants of a stream. */
  enum Pollution {
    /** As many drawings as copies of a few of the squares, as the web makes them. */
    DRAWINGS_AND_COPIES,
    /** Flat greys, as pages hold them where a picture is still to come, or only takes its place. */
    PLACEHOLDERS
  }

  /** What an image is in the stream for. */
  enum Kind {
    WANTED,
    IRRELEVANT,
    REPEATED
  }

  record Item(RgbImage image, Kind kind) {}

  PollutedStream {
    seeds = List.copyOf(seeds);
    items = List.copyOf(items);
  }

  /** Of the squares that are learned from. */
  static PollutedStream of(DemoImages images, Pollution pollution) {
    List<PhotoSquare> squares = images.squares(Split.TRAIN);
    List<RgbImage> seeds = new ArrayList<>();
    List<RgbImage> wanted = new ArrayList<>();
    for (int i = 0; i < squares.size(); i++) {
      if (i % SQUARES_PER_SEED == 0) {
        seeds.add(BenchImages.square(images, squares.get(i)));
      } else if (i % SQUARES_PER_ITEM == 1) {
        wanted.add(BenchImages.square(images, squares.get(i)));
      }
    }
    List<Item> items = new ArrayList<>();
    wanted.forEach(image -> items.add(new Item(image, Kind.WANTED)));
    int unwanted = UNWANTED_PER_WANTED * wanted.size();
    switch (pollution) {
      case DRAWINGS_AND_COPIES -> {
        addDrawings(items, images, unwanted);
        addCopies(items, wanted, unwanted);
      }
      case PLACEHOLDERS -> addPlaceholders(items, wanted.get(0), 2 * unwanted);
    }
    Collections.shuffle(items, new Random(ORDER_SEED));
    return new PollutedStream(seeds, items);
  }

  private static void addDrawings(List<Item> items, DemoImages images, int count) {
    List<String> drawings = images.drawings();
    for (int i = 0; i < count; i++) {
      String file = drawings.get((int) ((long) i * drawings.size() / count));
      items.add(new Item(BenchImages.drawing(images, file), Kind.IRRELEVANT));
    }
  }

  private static void addCopies(List<Item> items, List<RgbImage> wanted, int count) {
    for (int i = 0; i < count; i++) {
      RgbImage original = wanted.get(i % REPEATED_SQUARES * (wanted.size() / REPEATED_SQUARES));
      CopyTransform copy = REPETITIONS.get(i / REPEATED_SQUARES % REPETITIONS.size());
      items.add(new Item(copy.of(original), Kind.REPEATED));
    }
  }

  private static void addPlaceholders(List<Item> items, RgbImage size, int count) {
    Random random = new Random(SHADE_SEED);
    for (int i = 0; i < count; i++) {
      byte[] rgb = new byte[size.rgb().length];
      Arrays.fill(rgb, (byte) (DARKEST_SHADE + random.nextInt(256 - DARKEST_SHADE)));
      items.add(new Item(new RgbImage(size.width(), size.height(), rgb), Kind.IRRELEVANT));
    }
  }

  List<RgbImage> images() {
    return items.stream().map(Item::image).toList();
  }
}
