package io.freshet.trainer.evaluate.directory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A directory of labelled images: one folder for each class, or {@code labels.csv} with the columns
 * {@code file,label[,split]}. Where the folders at the top are named train and val (or test, bank,
 * query), they hold the classes and tell the split.
 *
 * @param files by name
 */
public record LabelledDirectory(Path root, List<LabelledFile> files) {
  private static final String LABELS = "labels.csv";
  private static final int MAX_FILES = 2_000_000;
  private static final int MAX_DEPTH = 32;
  private static final Set<String> IMAGES =
      Set.of("jpg", "jpeg", "jpe", "png", "gif", "webp", "bmp");

  public LabelledDirectory {
    files = List.copyOf(files);
  }

  /**
   * Lists the images; none is opened.
   *
   * @param labels the CSV file; empty = {@code labels.csv} in the directory if it is there, else
   *     folders
   * @throws IllegalArgumentException naming what is wrong with the directory and what would be
   *     right
   */
  public static LabelledDirectory read(Path root, Optional<Path> labels) {
    if (!Files.isDirectory(root)) {
      throw new IllegalArgumentException(
          root
              + " is no directory; give one that holds a folder of images for each class, or "
              + LABELS);
    }
    Path csv = labels.orElse(root.resolve(LABELS));
    try {
      if (labels.isPresent() && !Files.isRegularFile(csv)) {
        throw new IllegalArgumentException(csv + " is no file; --labels names a CSV file");
      }
      List<LabelledFile> files = Files.isRegularFile(csv) ? fromCsv(root, csv) : fromFolders(root);
      return new LabelledDirectory(root, checked(root, files));
    } catch (IOException e) {
      throw new UncheckedIOException("can't list the images of " + root, e);
    }
  }

  /** Whether a directory lists its images and labels. */
  public static boolean isListed(Path root) {
    return Files.isRegularFile(root.resolve(LABELS));
  }

  /** Names of the classes, sorted. */
  public List<String> classes() {
    return List.copyOf(
        files.stream().map(LabelledFile::label).collect(Collectors.toCollection(TreeSet::new)));
  }

  private static List<LabelledFile> checked(Path root, List<LabelledFile> files) {
    if (files.isEmpty()) {
      throw new IllegalArgumentException(
          "%s holds no image in a folder of a class; put each class's images (%s) into a folder of its own, or write %s"
              .formatted(root, String.join(", ", new TreeSet<>(IMAGES)), LABELS));
    }
    Set<String> labels = files.stream().map(LabelledFile::label).collect(Collectors.toSet());
    if (labels.size() < 2) {
      throw new IllegalArgumentException(
          "all %,d images of %s are of the class '%s'; at least 2 classes are needed"
              .formatted(files.size(), root, labels.iterator().next()));
    }
    long split = files.stream().filter(file -> file.split().isPresent()).count();
    if (split > 0 && split < files.size()) {
      throw new IllegalArgumentException(
          "%,d of %,d images of %s have no split; give one to all, or leave the column away"
              .formatted(files.size() - split, files.size(), root));
    }
    for (Split wanted : Split.values()) {
      if (split > 0 && files.stream().noneMatch(file -> file.split().equals(Optional.of(wanted)))) {
        throw new IllegalArgumentException(
            "%s has a split, but no image of it is %s; it needs images of both, or no split"
                .formatted(root, wanted == Split.BANK ? "train (or bank)" : "test (or query)"));
      }
    }
    return files.stream().sorted(Comparator.comparing(LabelledFile::name)).toList();
  }

  private static List<LabelledFile> fromCsv(Path root, Path csv) throws IOException {
    CsvTable table = CsvTable.read(csv);
    int file = table.required("file", "path", "image");
    int label = table.required("label", "class", "category");
    OptionalInt split = table.column("split");
    List<LabelledFile> files = new ArrayList<>();
    for (List<String> row : table.rows()) {
      String name = row.get(file);
      Path path = root.resolve(name).normalize();
      if (!path.startsWith(root.normalize())) {
        throw new IllegalArgumentException(
            "%s names %s, which lies outside of %s".formatted(csv, name, root));
      }
      String written = split.isPresent() ? row.get(split.getAsInt()).strip() : "";
      Optional<Split> known = Split.of(written);
      if (!written.isEmpty() && known.isEmpty()) {
        throw new IllegalArgumentException(
            "%s gives %s the split '%s'; it must be train or test (or bank, query, val)"
                .formatted(csv, name, written));
      }
      files.add(new LabelledFile(path, name, row.get(label), known));
    }
    return files;
  }

  private static List<LabelledFile> fromFolders(Path root) throws IOException {
    List<Path> folders;
    try (Stream<Path> top = Files.list(root)) {
      folders = top.filter(Files::isDirectory).sorted().toList();
    }
    boolean splits =
        !folders.isEmpty()
            && folders.stream().allMatch(folder -> Split.of(name(folder)).isPresent());
    List<LabelledFile> files = new ArrayList<>();
    for (Path folder : folders) {
      Optional<Split> split = splits ? Split.of(name(folder)) : Optional.empty();
      for (Path image : images(folder)) {
        inFolder(root, image, split).ifPresent(files::add);
      }
    }
    return files;
  }

  /** The image files below a directory, told by their names, in order. */
  static List<Path> images(Path directory) throws IOException {
    List<Path> images =
        FilesBelow.of(directory, MAX_DEPTH, path -> IMAGES.contains(extension(path)), MAX_FILES);
    if (images.size() > MAX_FILES) {
      throw new IllegalArgumentException(
          "%s holds more than %,d images; name fewer in %s"
              .formatted(directory, MAX_FILES, LABELS));
    }
    return images;
  }

  /** The class is the folder at the top, or the one below the split; none for a lone file there. */
  private static Optional<LabelledFile> inFolder(Path root, Path path, Optional<Split> split) {
    Path relative = root.relativize(path);
    int at = split.isPresent() ? 1 : 0;
    return relative.getNameCount() < at + 2
        ? Optional.empty()
        : Optional.of(
            new LabelledFile(
                path,
                relative.toString().replace('\\', '/'),
                relative.getName(at).toString(),
                split));
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }

  private static String extension(Path path) {
    String name = name(path);
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }
}
