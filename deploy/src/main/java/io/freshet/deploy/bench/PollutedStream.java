package io.freshet.deploy.bench;

import io.freshet.deploy.demo.DemoImages;
import io.freshet.deploy.demo.DemoImages.PhotoSquare;
import io.freshet.deploy.demo.DemoImages.Split;
import io.freshet.vision.image.RgbImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * A stream for people who want photographs: one image in five is a square of a photograph, two are
 * drawings, two are copies of a few of those squares, as the web makes them.
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
  static PollutedStream of(DemoImages images) {
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
    List<String> drawings = images.drawings();
    for (int i = 0; i < unwanted; i++) {
      String file = drawings.get((int) ((long) i * drawings.size() / unwanted));
      items.add(new Item(BenchImages.drawing(images, file), Kind.IRRELEVANT));
    }
    for (int i = 0; i < unwanted; i++) {
      RgbImage original = wanted.get(i % REPEATED_SQUARES * (wanted.size() / REPEATED_SQUARES));
      CopyTransform copy = REPETITIONS.get(i / REPEATED_SQUARES % REPETITIONS.size());
      items.add(new Item(copy.of(original), Kind.REPEATED));
    }
    Collections.shuffle(items, new Random(ORDER_SEED));
    return new PollutedStream(seeds, items);
  }

  List<RgbImage> images() {
    return items.stream().map(Item::image).toList();
  }
}
