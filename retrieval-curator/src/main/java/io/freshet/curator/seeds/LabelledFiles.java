package io.freshet.curator.seeds;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * A dataset as people keep it: a directory or a zip of images and a {@code labels.csv} with columns
 * {@code file,label[,split]}, where split is {@code bank} or {@code query}.
 */
public final class LabelledFiles implements AutoCloseable {
  /** A longer file is cut here and then refused as truncated. */
  private static final int MAX_FILE_BYTES = 32 << 20;

  private final Path root;
  private final Optional<ZipFile> archive;
  private final List<SeedFile> files;

  private LabelledFiles(Path root, Path labels) throws IOException {
    this.root = root;
    this.archive =
        Files.isDirectory(root) ? Optional.empty() : Optional.of(new ZipFile(root.toFile()));
    this.files = parse(Files.readAllLines(labels, StandardCharsets.UTF_8), labels);
  }

  /**
   * @param root a directory or a zip
   * @param labels the CSV file
   * @throws UncheckedIOException when one can't be read
   * @throws IllegalArgumentException when the CSV is malformed, naming the line
   */
  public static LabelledFiles open(Path root, Path labels) {
    try {
      return new LabelledFiles(root, labels);
    } catch (IOException e) {
      throw new UncheckedIOException("can't read dataset %s with %s".formatted(root, labels), e);
    }
  }

  public Stream<SeedFile> stream() {
    return files.stream();
  }

  public int size() {
    return files.size();
  }

  @Override
  public void close() {
    archive.ifPresent(
        zip -> {
          try {
            zip.close();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private List<SeedFile> parse(List<String> lines, Path source) {
    if (lines.isEmpty()) {
      throw new IllegalArgumentException(source + " is empty; it needs a line file,label[,split]");
    }
    List<String> header = Arrays.asList(lines.get(0).split(",", -1));
    int file = header.indexOf("file");
    int label = header.indexOf("label");
    int split = header.indexOf("split");
    if (file < 0 || label < 0) {
      throw new IllegalArgumentException(
          "%s starts with '%s', it needs the columns file,label[,split]"
              .formatted(source, lines.get(0)));
    }
    List<SeedFile> parsed = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      if (lines.get(i).isBlank()) {
        continue;
      }
      String[] cells = lines.get(i).split(",", -1);
      if (cells.length != header.size()) {
        throw new IllegalArgumentException(
            "%s line %d has %d columns, the header has %d"
                .formatted(source, i + 1, cells.length, header.size()));
      }
      String name = cells[file];
      Optional<String> part =
          split < 0 || cells[split].isBlank() ? Optional.empty() : Optional.of(cells[split]);
      parsed.add(new SeedFile(name, cells[label], part, () -> read(name)));
    }
    return parsed;
  }

  private byte[] read(String name) {
    try {
      return archive.isPresent() ? readEntry(archive.get(), name) : readFile(name);
    } catch (IOException e) {
      throw new UncheckedIOException("can't read %s of %s".formatted(name, root), e);
    }
  }

  private byte[] readFile(String name) throws IOException {
    Path file = root.resolve(name).normalize();
    if (!file.startsWith(root.normalize())) {
      throw new IOException("%s lies outside of %s".formatted(name, root));
    }
    try (var in = Files.newInputStream(file)) {
      return in.readNBytes(MAX_FILE_BYTES);
    }
  }

  private static byte[] readEntry(ZipFile zip, String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new IOException("%s has no entry %s".formatted(zip.getName(), name));
    }
    try (var in = zip.getInputStream(entry)) {
      return in.readNBytes(MAX_FILE_BYTES);
    }
  }
}
