package io.freshet.trainer.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.trainer.data.BatchPlan;
import io.freshet.trainer.data.CompositionState;
import io.freshet.trainer.data.ReplayManifest;
import io.freshet.trainer.data.ReplayManifest.Bucket;
import io.freshet.trainer.data.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointDirectoryTest {
  private static final long SEED = 20261122;
  private static final int TRIALS = 1000;

  @TempDir private Path dir;

  @Test
  void givesBackWhatWasWritten() throws IOException {
    Checkpoint written = checkpoint(7);
    new CheckpointDirectory(dir, 3).write(written);
    Checkpoint read = new CheckpointDirectory(dir, 3).newest().orElseThrow();
    assertEquals(written.position(), read.position());
    assertEquals(written.tensors(), read.tensors());
  }

  @Test
  void hasNothingToGiveAtFirst() {
    assertTrue(new CheckpointDirectory(dir.resolve("new/run"), 2).newest().isEmpty());
  }

  @Test
  void keepsTheNewestOnly() throws IOException {
    CheckpointDirectory directory = new CheckpointDirectory(dir, 2);
    for (long step : new long[] {5, 10, 15, 20}) {
      directory.write(checkpoint(step));
    }
    assertEquals(2, files().size());
    assertEquals(20, directory.newest().orElseThrow().position().step());
  }

  @Test
  void detectsEachOfAThousandFlippedBits() throws IOException {
    damagedNewestIsPutAside(
        (newest, random) -> {
          byte[] bytes = Files.readAllBytes(newest);
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
          Files.write(newest, bytes);
        });
  }

  @Test
  void detectsEachOfAThousandTruncations() throws IOException {
    damagedNewestIsPutAside(
        (newest, random) -> {
          byte[] bytes = Files.readAllBytes(newest);
          Files.write(newest, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
        });
  }

  @Test
  void detectsEachOfAThousandFilesThatWereSwapped() throws IOException {
    byte[] other =
        Files.readAllBytes(new CheckpointDirectory(dir.resolve("x"), 2).write(checkpoint(9)));
    damagedNewestIsPutAside(
        (newest, random) -> {
          // The content of another checkpoint, or this one under another step's name.
          if (random.nextBoolean()) {
            Files.write(newest, other);
          } else {
            String name = newest.getFileName().toString();
            String later = "step-%012d".formatted(4 + random.nextInt(1000));
            Files.move(newest, newest.resolveSibling(later + name.substring(later.length())));
          }
        });
  }

  @Test
  void fallsBackOverSeveralDamagedFilesToTheNewestValid() throws IOException {
    CheckpointDirectory directory = new CheckpointDirectory(dir, 4);
    directory.write(checkpoint(1));
    for (long step = 2; step <= 4; step++) {
      Files.write(directory.write(checkpoint(step)), new byte[] {1});
    }
    assertEquals(checkpoint(1), directory.newest().orElseThrow());
  }

  /** How one trial damages a file. */
  private interface Damage {
    void to(Path newest, Random random) throws IOException;
  }

  private void damagedNewestIsPutAside(Damage damage) throws IOException {
    CheckpointDirectory source = new CheckpointDirectory(dir.resolve("source"), 3);
    Path old = source.write(checkpoint(2));
    Path newest = source.write(checkpoint(3));
    Random random = new Random(SEED);
    Path trials = Files.createDirectory(dir.resolve("trials"));
    for (int trial = 0; trial < TRIALS; trial++) {
      String what = "seed " + SEED + ", trial " + trial;
      for (Path file : List.of(old, newest)) {
        Files.copy(file, trials.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
      damage.to(trials.resolve(newest.getFileName()), random);
      assertEquals(checkpoint(2), new CheckpointDirectory(trials, 3).newest().orElseThrow(), what);
      assertEquals(2, files(trials).size(), what);
      assertEquals(
          1, files(trials).stream().filter(f -> f.toString().endsWith(".damaged")).count(), what);
      for (Path file : files(trials)) {
        Files.delete(file);
      }
    }
  }

  @Test
  void neverWritesAStateThatIsNotFinite() throws IOException, InterruptedException {
    CheckpointDirectory directory = new CheckpointDirectory(dir, 2);
    for (float poison : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      try (CheckpointWriter writer = new CheckpointWriter(directory)) {
        writer.submit(checkpoint(1));
        writer.submit(poisoned(2, poison));
        writer.await();
        assertEquals(1, writer.durableStep());
        assertEquals(1, writer.newestGood().orElseThrow().position().step());
        NonFiniteStateException refusal = writer.takeRefusal().orElseThrow();
        assertTrue(refusal.getMessage().contains("exp_avg.norm"), refusal.getMessage());
        assertTrue(writer.takeRefusal().isEmpty());
      }
      assertEquals(1, files(dir).size());
    }
  }

  private static Checkpoint poisoned(long step, float poison) {
    Map<String, StateTensor> tensors = new TreeMap<>(checkpoint(step).tensors());
    tensors.put("exp_avg.norm", StateTensor.of(new float[] {0, poison, 1}, 3));
    return new Checkpoint(checkpoint(step).position(), tensors);
  }

  @Test
  void detectsAFileUnderTheNameOfAnother() throws IOException {
    CheckpointDirectory directory = new CheckpointDirectory(dir, 3);
    Path old = directory.write(checkpoint(1));
    Path renamed =
        dir.resolve(old.getFileName().toString().replace("step-000000000001", "step-000000000009"));
    Files.copy(old, renamed);
    assertEquals(1, directory.newest().orElseThrow().position().step());
  }

  @Test
  void refusesToStartAnewWhenAllAreDamaged() throws IOException {
    CheckpointDirectory directory = new CheckpointDirectory(dir, 2);
    Files.write(directory.write(checkpoint(3)), new byte[100]);
    IllegalStateException refusal = assertThrows(IllegalStateException.class, directory::newest);
    assertTrue(refusal.getMessage().contains("damaged"), refusal.getMessage());
  }

  @Test
  void clearsAwayWhatAnInterruptedWriteLeft() throws IOException {
    Path leftover = Files.write(dir.resolve("step-000000000004.new.partial"), new byte[50]);
    CheckpointDirectory directory = new CheckpointDirectory(dir, 2);
    assertFalse(Files.exists(leftover));
    assertTrue(directory.newest().isEmpty());
  }

  @Test
  void isAFileThatSafetensorsReadersOpen() throws IOException {
    byte[] bytes = Files.readAllBytes(new CheckpointDirectory(dir, 2).write(checkpoint(3)));
    java.nio.ByteBuffer file =
        java.nio.ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    int header = Math.toIntExact(file.getLong());
    assertEquals(0, header % 8);
    assertEquals('{', file.get(8));
    int end = bytes.length - 8 - header;
    String json = new String(bytes, 8, header, java.nio.charset.StandardCharsets.UTF_8);
    assertTrue(json.contains("[%d,%d]".formatted(end - 24, end)), json);
  }

  @Test
  void survivesADirectoryThatRefusesAWrite() throws IOException, InterruptedException {
    CheckpointDirectory directory = new CheckpointDirectory(dir, 2);
    directory.write(checkpoint(3));
    // The partial file's name is taken by a directory that is not empty: the write fails.
    Path block = dir.resolve("step-000000000004.new.partial");
    Files.createDirectories(block.resolve("inside"));
    try (CheckpointWriter writer = new CheckpointWriter(directory)) {
      writer.submit(checkpoint(4));
      writer.await();
      assertEquals(1, writer.failures());
      Files.delete(block.resolve("inside"));
      Files.delete(block);
      writer.submit(checkpoint(5));
      writer.await();
      assertEquals(5, writer.durableStep());
    }
    assertEquals(5, directory.newest().orElseThrow().position().step());
  }

  private List<Path> files() throws IOException {
    return files(dir);
  }

  private static List<Path> files(Path in) throws IOException {
    try (Stream<Path> files = Files.list(in)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private static Checkpoint checkpoint(long step) {
    BatchPlan plan =
        new BatchPlan(
            step, List.of(Samples.sample(1, "a"), Samples.sample(2, "é\"")), Map.of(0, 4L, 1, 9L));
    ReplayManifest buffer =
        new ReplayManifest(
            12,
            1,
            3,
            List.of(Samples.sample(1, "a")),
            List.of(new Bucket("photos/a", 3, List.of(Samples.sample(5, "a")))),
            List.of(Samples.sample(8, "a").imageId()));
    CompositionState composition =
        new CompositionState(step + 1, Map.of(0, 5L, 1, 9L), buffer, List.of(plan));
    TrainerPosition position =
        new TrainerPosition(
            "run-1",
            -3,
            step,
            step * 32,
            composition,
            Map.of("skipped", 2.0),
            Map.of("random", "1f"));
    float[] values = {1, Float.MIN_VALUE, -0f, Float.MAX_VALUE, 3.25f, step};
    return new Checkpoint(
        position,
        Map.of(
            "student.pos_embed", StateTensor.of(values, 2, 3),
            "adam.step", StateTensor.of(new float[] {step}),
            "teacher.pos_embed", StateTensor.of(values, 6)));
  }
}
