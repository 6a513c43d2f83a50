package io.freshet.platform.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Damages real checkpoints of a real job; works on copies that keep their times. */
class RestorePointsIT {
  private static final long SEED = 7;
  private static final String JOB = "keep-first";

  @RegisterExtension
  static final FreshetCluster CLUSTER =
      FreshetCluster.create().with("flink.checkpoint_interval", "1s");

  private static boolean ran;

  @TempDir Path copy;

  /** Leaves two checkpoints with RocksDB files behind. */
  @BeforeEach
  void runOnce() throws IOException {
    FlinkConfig flink = CLUSTER.config().section("flink", FlinkConfig.class);
    if (!ran) {
      RunningJob job = CLUSTER.submit(new KeepFirstJob(JOB));
      for (int round = 0; round < 3; round++) {
        CLUSTER.produce(Topics.CRAWL_IMAGES, Crawl.twice(round * 4000, round * 4000 + 4000));
        CLUSTER.await(Topics.IMAGE_RETRACTED, round * 4000 + 4000);
      }
      job.awaitCheckpoints(job.completedCheckpoints() + 1, FreshetCluster.PATIENCE);
      job.cancel();
      ran = true;
    }
    copyTree(flink.checkpoints(JOB), copy);
  }

  private RestorePoints points() {
    return new RestorePoints(copy, copy.resolve("no-savepoints"));
  }

  /** Chk-directories, newest first. */
  private List<Path> checkpoints() throws IOException {
    try (Stream<Path> files = Files.walk(copy)) {
      return files
          .filter(path -> path.endsWith(StateFiles.METADATA))
          .map(Path::getParent)
          .sorted((a, b) -> Long.compare(number(b), number(a)))
          .toList();
    }
  }

  private static long number(Path checkpoint) {
    return Long.parseLong(checkpoint.getFileName().toString().substring("chk-".length()));
  }

  @Test
  void takesTheNewest() throws IOException {
    assertEquals(2, checkpoints().size());
    RestorePoint newest = points().newest().orElseThrow();
    assertEquals(checkpoints().get(0), newest.directory());
    assertEquals(number(newest.directory()), newest.checkpointId());
  }

  @Test
  void hasNoneInAnEmptyDirectory() {
    assertEquals(
        Optional.empty(), new RestorePoints(copy.resolve("a"), copy.resolve("b")).newest());
  }

  @Test
  void skipsACheckpointThatWasNotFinished() throws IOException {
    Path newest = checkpoints().get(0);
    Path older = checkpoints().get(1);
    Files.delete(newest.resolve(StateFiles.METADATA));
    assertEquals(older, points().newest().orElseThrow().directory());
  }

  @Test
  void skipsACheckpointWhoseMetadataIsTruncated() throws IOException {
    Path metadata = checkpoints().get(0).resolve(StateFiles.METADATA);
    Path older = checkpoints().get(1);
    byte[] whole = Files.readAllBytes(metadata);
    Random random = new Random(SEED);
    for (int trial = 0; trial < 20; trial++) {
      Files.write(metadata, Arrays.copyOf(whole, random.nextInt(whole.length)));
      assertEquals(older, points().newest().orElseThrow().directory(), "seed " + SEED);
    }
  }

  @Test
  void isNotWholeWithoutEachOfItsFiles() throws IOException {
    Path newest = checkpoints().get(0);
    Map<Path, Long> files = StateFiles.referenced(StateFiles.read(newest));
    assertFalse(files.isEmpty(), "the state is too small for files of its own");
    for (Path file : files.keySet()) {
      byte[] whole = Files.readAllBytes(file);
      try {
        Files.write(file, Arrays.copyOf(whole, whole.length - 1));
        assertNotEquals(Optional.of(newest), resumed());
        Files.delete(file);
        assertNotEquals(Optional.of(newest), resumed());
      } finally {
        Files.write(file, whole);
      }
      assertEquals(Optional.of(newest), resumed());
    }
  }

  /** Where a job would resume; nowhere when no checkpoint is whole. */
  private Optional<Path> resumed() {
    try {
      return points().newest().map(RestorePoint::directory);
    } catch (JobException e) {
      return Optional.empty();
    }
  }

  @Test
  void refusesToStartAfreshWhenAllAreDamaged() throws IOException {
    for (Path checkpoint : checkpoints()) {
      Files.write(checkpoint.resolve(StateFiles.METADATA), new byte[10]);
    }
    JobException refused = assertThrows(JobException.class, () -> points().newest());
    assertTrue(refused.getMessage().contains("none of the 2 checkpoints"), refused::toString);
  }

  @Test
  void clearingKeepsTheChosenWholeAndNothingElse() throws IOException {
    Files.createDirectories(copy.resolve("crashed-run/shared"));
    Files.write(copy.resolve("crashed-run/shared/orphan"), new byte[100]);
    Files.createDirectories(copy.resolve("crashed-run/chk-9"));
    RestorePoint newest = points().newest().orElseThrow();
    int deleted = new Leftovers(copy).clear(List.of(newest));
    assertTrue(deleted >= 2, () -> "orphan and older checkpoint, but deleted " + deleted);
    assertEquals(List.of(newest.directory()), checkpoints());
    assertEquals(Optional.of(newest.directory()), resumed());
    assertFalse(Files.exists(copy.resolve("crashed-run")));
  }

  @Test
  void clearingDeletesNothingWhenNoCheckpointIsKnown() throws IOException {
    int before = checkpoints().size();
    assertEquals(0, new Leftovers(copy).clear(List.of()));
    assertEquals(before, checkpoints().size());
  }

  @Test
  void prefersASavepointThatIsNewer() throws IOException {
    Path savepoint = copy.resolve("savepoints/savepoint-1");
    copyTree(checkpoints().get(1), savepoint);
    Files.setLastModifiedTime(savepoint.resolve(StateFiles.METADATA), FileTime.from(Instant.now()));
    RestorePoints.markCommitted(savepoint);
    RestorePoint newest =
        new RestorePoints(copy.resolve("none"), copy.resolve("savepoints")).newest().orElseThrow();
    assertEquals(savepoint, newest.directory());
    assertTrue(newest.committed());
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.createDirectories(target.getParent());
          Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
  }
}
