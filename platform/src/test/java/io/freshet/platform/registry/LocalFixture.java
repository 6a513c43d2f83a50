package io.freshet.platform.registry;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A registry in a directory. */
final class LocalFixture implements RegistryFixture {
  private final Path root;

  LocalFixture(Path root) {
    this.root = root;
  }

  @Override
  public RegistryConfig config(Path machine) {
    return new RegistryConfig(root);
  }

  @Override
  public List<String> files() {
    try (Stream<Path> walk = Files.walk(root)) {
      return walk.filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public byte[] read(String file) {
    try {
      return Files.readAllBytes(root.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The files of a release are read-only. */
  @Override
  public void overwrite(String file, byte[] content) {
    try {
      Files.deleteIfExists(root.resolve(file));
      Files.write(root.resolve(file), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void delete(String file) {
    try {
      Files.delete(root.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String manifest(ModelVersion version) {
    return file(version, Manifest.FILE);
  }

  @Override
  public String file(ModelVersion version, String path) {
    return "models/%s/versions/%d/%s".formatted(version.name(), version.version(), path);
  }

  @Override
  public String alias(String name) {
    return "aliases/" + name + ".json";
  }

  @Override
  public List<String> staged() {
    return files().stream().filter(file -> file.startsWith("tmp/")).toList();
  }

  @Override
  public void close() {}
}
