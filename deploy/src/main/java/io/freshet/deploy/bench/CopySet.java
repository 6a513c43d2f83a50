package io.freshet.deploy.bench;

import io.freshet.deploy.demo.DemoImages;
import io.freshet.deploy.demo.DemoImages.PhotoSquare;
import io.freshet.deploy.demo.DemoImages.Split;
import io.freshet.vision.image.RgbImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Pictures of which is known what they are copies of.
 *
 * @param items originals and copies, in any order
 */
record CopySet(List<Item> items) {
  /** What an original is called in the column of transforms. */
  static final String ORIGINAL = "original";

  private static final String GROUPS = "groups.csv";

  /**
   * @param group pictures of one group are copies of one original
   * @param transform how it came from the original, or {@link #ORIGINAL}
   * @param image reads or makes the picture
   */
  record Item(String group, String transform, Supplier<RgbImage> image) {
    boolean isOriginal() {
      return transform.equals(ORIGINAL);
    }
  }

  /**
   * Squares of the demo's photographs and its drawings, each with all {@link CopyTransform}s. Hard
   * negatives are among them: two squares a photograph that share no pixel, and drawings of like
   * things.
   *
   * @param drawings how many, evenly over all
   */
  static CopySet of(DemoImages images, int drawings) {
    List<Item> items = new ArrayList<>();
    Consumer<RgbImage> add = image -> addGroup(items, image);
    for (Split split : Split.values()) {
      List<String> photos = new ArrayList<>();
      for (PhotoSquare square : images.squares(split)) {
        if (!photos.contains(square.photo())) {
          photos.add(square.photo());
          add.accept(BenchImages.square(images, square));
        }
      }
    }
    List<String> files = images.drawings();
    int taken = Math.min(drawings, files.size());
    IntStream.range(0, taken)
        .mapToObj(i -> BenchImages.drawing(images, files.get(i * files.size() / taken)))
        .forEach(add);
    return new CopySet(items);
  }

  private static void addGroup(List<Item> items, RgbImage original) {
    String group = Integer.toString(items.size());
    items.add(new Item(group, ORIGINAL, () -> original));
    for (CopyTransform transform : CopyTransform.values()) {
      items.add(new Item(group, transform.key(), () -> transform.of(original)));
    }
  }

  /**
   * A directory with {@code groups.csv}: a header, then {@code file,group,transform} a line, no
   * quotes; the transform of an original is {@code original}.
   *
   * @throws IllegalArgumentException when a line isn't that, or leads out of the directory
   */
  static CopySet read(Path directory) {
    try {
      return new CopySet(
          Files.readAllLines(directory.resolve(GROUPS)).stream()
              .skip(1)
              .filter(line -> !line.isBlank())
              .map(line -> item(directory.toAbsolutePath().normalize(), line))
              .toList());
    } catch (IOException e) {
      throw new UncheckedIOException("can't read %s in %s".formatted(GROUPS, directory), e);
    }
  }

  private static Item item(Path directory, String line) {
    String[] row = line.split(",", -1);
    if (row.length != 3) {
      throw new IllegalArgumentException(
          "%s has the line '%s', which is not file,group,transform".formatted(GROUPS, line));
    }
    Path file = directory.resolve(row[0].strip()).normalize();
    if (!file.startsWith(directory)) {
      throw new IllegalArgumentException(
          "%s names %s, outside of the directory".formatted(GROUPS, row[0]));
    }
    return new Item(row[1].strip(), row[2].strip(), () -> decode(file));
  }

  private static RgbImage decode(Path file) {
    try {
      return BenchImages.decode(Files.readAllBytes(file), file.toString());
    } catch (IOException e) {
      throw new UncheckedIOException("can't read " + file, e);
    }
  }
}
