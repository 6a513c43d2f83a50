package io.freshet.platform.registry;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes copies that never became releases. */
final class StagedCopies {
  private static final Logger LOG = LoggerFactory.getLogger(StagedCopies.class);

  private StagedCopies() {}

  /** Best effort: a copy that stays is overlooked by every reader, it only takes space. */
  static void delete(Path staging) {
    if (!Files.exists(staging)) {
      return;
    }
    try (Stream<Path> walk = Files.walk(staging)) {
      List<Path> deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("{} could not be removed and takes space: {}", staging, e.toString());
    }
  }
}
