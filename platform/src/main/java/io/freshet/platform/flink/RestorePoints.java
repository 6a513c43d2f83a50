package io.freshet.platform.flink;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds where a job resumes: the newest checkpoint or savepoint that is whole. A local cluster has
 * no other memory of its jobs.
 *
 * <p>Layout: {@code checkpoints/<job>/<run>/chk-<n>/_metadata} and {@code
 * savepoints/<job>/savepoint-<x>/_metadata}; incremental checkpoints share files under {@code
 * <run>/shared}, also those of earlier runs.
 */
final class RestorePoints {
  private static final Logger LOG = LoggerFactory.getLogger(RestorePoints.class);

  /** Stands beside a savepoint's metadata once the job that took it had committed its output. */
  static final String COMMITTED = "_committed";

  private static final int RUN_AND_CHECKPOINT_AND_FILE = 3;

  private final Path checkpoints;
  private final Path savepoints;

  RestorePoints(Path checkpoints, Path savepoints) {
    this.checkpoints = checkpoints;
    this.savepoints = savepoints;
  }

  static RestorePoints of(FlinkConfig flink, String job) {
    return new RestorePoints(flink.checkpoints(job), flink.savepoints(job));
  }

  /**
   * The newest whole one; damaged ones are skipped with a warning.
   *
   * @throws JobException when there are some, but none is whole: starting afresh would process
   *     everything twice, so that is for a person to decide
   */
  Optional<RestorePoint> newest() {
    List<Path> candidates = candidates();
    Optional<RestorePoint> newest = whole(candidates, RestorePoints::warn).findFirst();
    if (newest.isEmpty() && !candidates.isEmpty()) {
      throw new JobException(
          "none of the %d checkpoints under %s and %s is whole; restore one from a backup, or move"
                  .formatted(candidates.size(), checkpoints, savepoints)
              + " both directories away to process every topic from its beginning again");
    }
    return newest;
  }

  /** The newest whole ones, newest first, {@code most} at most; damaged ones are passed over. */
  List<RestorePoint> newest(int most) {
    return whole(candidates(), (directory, fault) -> {}).limit(most).toList();
  }

  private static Stream<RestorePoint> whole(
      List<Path> candidates, BiConsumer<Path, IOException> damaged) {
    return candidates.stream().flatMap(directory -> ifWhole(directory, damaged));
  }

  private static Stream<RestorePoint> ifWhole(
      Path directory, BiConsumer<Path, IOException> damaged) {
    try {
      return Stream.of(verified(directory));
    } catch (IOException e) {
      damaged.accept(directory, e);
      return Stream.empty();
    }
  }

  private static void warn(Path directory, IOException fault) {
    LOG.warn("checkpoint {} can't be used, trying an older one: {}", directory, fault.toString());
  }

  /** Records that everything which the savepoint covers is committed, so it never grows stale. */
  static void markCommitted(Path savepoint) {
    try {
      Files.createFile(savepoint.resolve(COMMITTED));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Path> candidates() {
    return Stream.of(checkpoints, savepoints)
        .flatMap(root -> metadataFiles(root).stream())
        .sorted(Comparator.comparing(RestorePoints::modified).reversed())
        .map(Path::getParent)
        .toList();
  }

  private static List<Path> metadataFiles(Path root) {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> files =
        Files.find(
            root,
            RUN_AND_CHECKPOINT_AND_FILE,
            (path, attributes) ->
                attributes.isRegularFile() && path.endsWith(StateFiles.METADATA))) {
      return files.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static RestorePoint verified(Path directory) throws IOException {
    CheckpointMetadata metadata = StateFiles.read(directory);
    for (Map.Entry<Path, Long> file : StateFiles.referenced(metadata).entrySet()) {
      long length = Files.size(file.getKey());
      if (length != file.getValue()) {
        throw new IOException(
            "%s has %d bytes instead of %d".formatted(file.getKey(), length, file.getValue()));
      }
    }
    return new RestorePoint(
        directory,
        metadata.getCheckpointId(),
        modified(directory.resolve(StateFiles.METADATA)),
        Files.exists(directory.resolve(COMMITTED)));
  }

  private static Instant modified(Path file) {
    try {
      return Files.getLastModifiedTime(file).toInstant();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
