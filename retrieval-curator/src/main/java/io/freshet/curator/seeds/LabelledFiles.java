package io.freshet.curator.seeds;

import io.freshet.platform.csv.CsvTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * A dataset as people keep it: a directory or a zip of images and a {@code labels.csv} with columns
 * {@code file,label[,split]}, where split is {@code bank} or {@code query}. Names with a comma are
 * quoted.
 */
public final class LabelledFiles implements AutoCloseable {
  /** A longer file is cut here and then refused as truncated. */
  private static final int MAX_FILE_BYTES = 32 << 20;

  private static final String FILE = "file";
  private static final String LABEL = "label";
  private static final String SPLIT = "split";

  private final Path root;
  private final Optional<ZipFile> archive;
  private final List<SeedFile> files;

  private LabelledFiles(Path root, Path labels) throws IOException {
    this.root = root;
    this.archive =
        Files.isDirectory(root) ? Optional.empty() : Optional.of(new ZipFile(root.toFile()));
    this.files =
        CsvTable.read(labels, List.of(FILE, LABEL)).rows().stream().map(this::file).toList();
  }

  /**
   * @param root a directory or a zip
   * @param labels the CSV file
   * @throws UncheckedIOException when one can't be read
   * @throws IllegalArgumentException when the CSV is malformed, naming the line where it can
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

  private SeedFile file(CsvTable.Row row) {
    String name = row.cell(FILE);
    return new SeedFile(name, row.cell(LABEL), row.filled(SPLIT), () -> read(name));
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
