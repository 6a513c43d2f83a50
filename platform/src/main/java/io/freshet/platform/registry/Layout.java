package io.freshet.platform.registry;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Where things lie in a registry directory; what isn't of the format is overlooked. */
record Layout(Path root) {
  private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,8}");
  private static final String ALIAS_SUFFIX = ".json";

  Path staging() {
    return root.resolve("tmp");
  }

  Path aliases() {
    return root.resolve("aliases");
  }

  Path alias(String alias) {
    return aliases().resolve(Ids.require("an alias", alias) + ALIAS_SUFFIX);
  }

  Path models() {
    return root.resolve("models");
  }

  Path versions(String model) {
    return models().resolve(Ids.require("a model", model)).resolve("versions");
  }

  Path release(ModelVersion version) {
    return versions(version.name()).resolve(Integer.toString(version.version()));
  }

  Path manifest(ModelVersion version) {
    return release(version).resolve(Manifest.FILE);
  }

  Path signature(ModelVersion version) {
    return release(version).resolve(Manifest.SIGNATURE);
  }

  /** What lies in {@link #staging()}: copies that are being made, or were left. */
  List<Path> listStaging() {
    return names(staging()).stream().map(staging()::resolve).toList();
  }

  boolean exists(ModelVersion version) {
    return Files.isRegularFile(manifest(version), LinkOption.NOFOLLOW_LINKS);
  }

  List<String> listModels() {
    return names(models()).stream().filter(Ids::isId).toList();
  }

  /** Complete releases of a model in the order of their numbers. */
  List<ModelVersion> listVersions(String model) {
    return names(versions(model)).stream()
        .filter(name -> NUMBER.matcher(name).matches())
        .map(name -> new ModelVersion(model, Integer.parseInt(name)))
        .filter(this::exists)
        .sorted()
        .toList();
  }

  List<String> listAliases() {
    return names(aliases()).stream()
        .filter(name -> name.endsWith(ALIAS_SUFFIX))
        .map(name -> name.substring(0, name.length() - ALIAS_SUFFIX.length()))
        .filter(Ids::isId)
        .toList();
  }

  /** Content of a small file; empty when there is none. */
  static Optional<byte[]> read(Path file, int maxBytes) {
    try {
      long size = Files.size(file);
      if (size > maxBytes) {
        throw new ReleaseAlteredException(
            "%s has %d bytes, the limit is %d".formatted(file, size, maxBytes));
      }
      return Optional.of(Files.readAllBytes(file));
    } catch (NoSuchFileException | NotDirectoryException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new RegistryException("%s can't be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static List<String> names(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (IOException | UncheckedIOException e) {
      throw new RegistryException("%s can't be listed: %s".formatted(directory, e), e);
    }
  }
}
