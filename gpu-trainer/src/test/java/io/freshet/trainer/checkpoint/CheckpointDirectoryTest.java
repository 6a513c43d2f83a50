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
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointDirectoryTest {
  private static final long SEED = 20261122;

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
  void detectsEveryFlippedBitAndFallsBackToTheOlder() throws IOException {
    Random random = new Random(SEED);
    for (int trial = 0; trial < 100; trial++) {
      CheckpointDirectory directory = new CheckpointDirectory(dir.resolve("t" + trial), 3);
      directory.write(checkpoint(1));
      Path newest = directory.write(checkpoint(2));
      byte[] bytes = Files.readAllBytes(newest);
      int at = random.nextInt(bytes.length);
      bytes[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(newest, bytes);
      long step = directory.newest().orElseThrow().position().step();
      assertEquals(1, step, "seed " + SEED + ", trial " + trial + ", byte " + at);
      assertFalse(Files.exists(newest), "the damaged file must be put aside");
    }
  }

  @Test
  void detectsEveryTruncation() throws IOException {
    byte[] whole = Files.readAllBytes(new CheckpointDirectory(dir, 3).write(checkpoint(2)));
    Path file = files().get(0);
    for (int length = 0; length < whole.length; length += 1 + whole.length / 40) {
      Path other = dir.resolve("cut" + length);
      Files.createDirectories(other);
      Files.write(other.resolve(file.getFileName()), java.util.Arrays.copyOf(whole, length));
      CheckpointDirectory cut = new CheckpointDirectory(other, 3);
      assertThrows(IllegalStateException.class, cut::newest, "length " + length);
    }
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
    try (Stream<Path> files = Files.list(dir)) {
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
            List.of(new Bucket("photos/a", 3, List.of(Samples.sample(5, "a")))));
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
    float[] values = {1, Float.MIN_VALUE, -0f, Float.NaN, 3.25f, step};
    return new Checkpoint(
        position,
        Map.of(
            "student.pos_embed", StateTensor.of(values, 2, 3),
            "adam.step", StateTensor.of(new float[] {step}),
            "teacher.pos_embed", StateTensor.of(values, 6)));
  }
}
