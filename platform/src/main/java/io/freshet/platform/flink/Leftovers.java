package io.freshet.platform.flink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Clears what crashed runs of a job left in its checkpoint directory: superseded checkpoints, and
 * shared files that only those used. Flink deletes the checkpoint that a run resumed from, but
 * knows nothing of the one before it.
 *
 * <p>Runs while the job doesn't. Deletes nothing unless it knows every file of every checkpoint
 * that is kept.
 */
final class Leftovers {
  private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

  private final Path checkpoints;

  Leftovers(Path checkpoints) {
    this.checkpoints = checkpoints;
  }

  /**
   * Deletes all files but those of the given checkpoints.
   *
   * @return number of files deleted
   */
  int clear(Collection<RestorePoint> kept) {
    if (kept.isEmpty() || !Files.isDirectory(checkpoints)) {
      return 0;
    }
    try {
      Set<Path> needed = new HashSet<>();
      for (RestorePoint point : kept) {
        needed.addAll(StateFiles.of(point.directory()));
      }
      int deleted = deleteAllBut(needed);
      deleteEmptyDirectories();
      if (deleted > 0) {
        LOG.info("{} files of earlier runs deleted under {}", deleted, checkpoints);
      }
      return deleted;
    } catch (IOException e) {
      LOG.warn("files of earlier runs under {} stay: {}", checkpoints, e.toString());
      return 0;
    }
  }

  private int deleteAllBut(Set<Path> needed) throws IOException {
    int deleted = 0;
    for (Path file : list()) {
      if (Files.isRegularFile(file) && !needed.contains(file.toRealPath())) {
        Files.delete(file);
        deleted++;
      }
    }
    return deleted;
  }

  private void deleteEmptyDirectories() throws IOException {
    List<Path> deepestFirst = list().stream().sorted(Comparator.reverseOrder()).toList();
    for (Path path : deepestFirst) {
      if (Files.isDirectory(path) && !path.equals(checkpoints) && isEmpty(path)) {
        Files.delete(path);
      }
    }
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.findAny().isEmpty();
    }
  }

  private List<Path> list() throws IOException {
    try (Stream<Path> paths = Files.walk(checkpoints)) {
      return paths.toList();
    }
  }
}
