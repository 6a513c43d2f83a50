package io.freshet.deploy.bench;

import io.freshet.deploy.demo.DemoImages;
import io.freshet.deploy.demo.DemoImages.PhotoSquare;
import io.freshet.deploy.demo.DemoImages.Split;
import io.freshet.platform.csv.CsvTable;
import io.freshet.vision.image.RgbImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
  private static final String FILE = "file";
  private static final String GROUP = "group";
  private static final String TRANSFORM = "transform";

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
   * A directory with {@code groups.csv}, whose first line names its columns {@code file}, {@code
   * group} and {@code transform}, in any order. The original of a group is the picture whose
   * transform is {@code original}; where none is called so, the first of the group.
   *
   * @throws IllegalArgumentException when a line isn't that, or leads out of the directory, or no
   *     group has a copy
   */
  static CopySet read(Path directory) {
    Path root = directory.toAbsolutePath().normalize();
    try {
      List<CsvTable.Row> rows =
          CsvTable.read(directory.resolve(GROUPS), List.of(FILE, GROUP, TRANSFORM)).rows();
      Set<String> withOriginal = new HashSet<>();
      rows.stream()
          .filter(row -> row.cell(TRANSFORM).equals(ORIGINAL))
          .forEach(row -> withOriginal.add(row.cell(GROUP)));
      List<Item> items = new ArrayList<>();
      for (CsvTable.Row row : rows) {
        boolean isFirstOfNone = withOriginal.add(row.cell(GROUP));
        items.add(item(root, row, isFirstOfNone ? ORIGINAL : row.cell(TRANSFORM)));
      }
      return withCopies(new CopySet(items), directory);
    } catch (IOException e) {
      throw new UncheckedIOException("can't read %s in %s".formatted(GROUPS, directory), e);
    }
  }

  private static CopySet withCopies(CopySet set, Path directory) {
    long groups = set.items().stream().map(Item::group).distinct().count();
    if (groups == set.items().size()) {
      throw new IllegalArgumentException(
          "%s in %s names %d pictures in %d groups, so none is a copy; a copy has the group of its original"
              .formatted(GROUPS, directory, set.items().size(), groups));
    }
    return set;
  }

  private static Item item(Path directory, CsvTable.Row row, String transform) {
    Path file = directory.resolve(row.cell(FILE)).normalize();
    if (!file.startsWith(directory)) {
      throw new IllegalArgumentException(
          "%s line %d names %s, outside of the directory"
              .formatted(GROUPS, row.line(), row.cell(FILE)));
    }
    return new Item(row.cell(GROUP), transform, () -> decode(file));
  }

  private static RgbImage decode(Path file) {
    try {
      return BenchImages.decode(Files.readAllBytes(file), file.toString());
    } catch (IOException e) {
      throw new UncheckedIOException("can't read " + file, e);
    }
  }
}
