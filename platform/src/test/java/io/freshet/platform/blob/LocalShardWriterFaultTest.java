package io.freshet.platform.blob;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.config.DataSize;
import io.freshet.schemas.BlobRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalShardWriterFaultTest {
  private static final int SHARD_BYTES = 32 << 10;

  @TempDir Path root;

  private static LocalBlobStore store(Path dir, SimulatedDisk disk, Random random) {
    return new LocalBlobStore(
        new BlobConfig(dir, new DataSize(SHARD_BYTES)), disk, Clock.systemUTC(), random::nextLong);
  }

  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static Map<String, byte[]> allEntries(Path dir) throws IOException {
    Map<String, byte[]> entries = new HashMap<>();
    try (Stream<Path> shards = Files.list(dir)) {
      for (Path shard : shards.toList()) {
        entries.putAll(TarReader.entries(shard));
      }
    }
    return entries;
  }

  /**
   * Random appends and syncs while the disk fills up and is freed again, ended by power failure.
   */
  @Test
  void losesNothingSyncedAndShowsNothingRefused() throws IOException {
    int refused = 0;
    for (int seed = 0; seed < 60; seed++) {
      refused += fillAndFail(seed);
    }
    assertTrue(refused > 150, "only " + refused + " appends met a full disk");
  }

  private int fillAndFail(int seed) throws IOException {
    Random random = new Random(seed);
    Path dir = Files.createDirectory(root.resolve("disk-" + seed));
    SimulatedDisk disk = new SimulatedDisk();
    Map<BlobRef, byte[]> appended = new HashMap<>();
    Map<BlobRef, byte[]> durable = new HashMap<>();
    List<String> names = new ArrayList<>();
    int refused = 0;
    try (LocalBlobStore store = store(dir, disk, random)) {
      ShardWriter writer = store.openShard("test");
      for (int i = 0; i < 40; i++) {
        disk.capacity(random.nextInt(3) == 0 ? disk.used() + random.nextInt(3_000) : 1L << 40);
        byte[] content = bytes(random, random.nextInt(6_000));
        try {
          appended.put(writer.append("object-" + i, content), content);
          names.add("object-" + i);
        } catch (BlobWriteException e) {
          assertTrue(e.getMessage().contains("No space left"), e.getMessage());
          refused++;
        }
        assertEquals(names.size(), allEntries(dir).size(), "seed " + seed + " step " + i);
        if (random.nextInt(6) == 0) {
          writer.sync();
          durable.putAll(appended);
        }
      }
      writer.close();
      assertEquals(Set.copyOf(names), allEntries(dir).keySet(), "seed " + seed);
    }
    // Closing synced too; the power fails in a second life of the writer.
    durable.putAll(appended);
    disk.capacity(1L << 40);
    try (LocalBlobStore store = store(dir, disk, random)) {
      ShardWriter writer = store.openShard("test");
      writer.append("lost", bytes(random, 100));
      disk.powerFailure();
      for (Map.Entry<BlobRef, byte[]> entry : durable.entrySet()) {
        assertArrayEquals(entry.getValue(), store.read(entry.getKey()), "seed " + seed);
      }
      assertEquals(names.size(), allEntries(dir).size(), "seed " + seed);
    }
    return refused;
  }

  @Test
  void keepsWhatWasSyncedWhenThePowerFailsBetweenSyncs() throws IOException {
    for (int seed = 0; seed < 40; seed++) {
      Random random = new Random(seed);
      Path dir = Files.createDirectory(root.resolve("power-" + seed));
      SimulatedDisk disk = new SimulatedDisk();
      try (LocalBlobStore store = store(dir, disk, random)) {
        ShardWriter writer = store.openShard("test");
        Map<BlobRef, byte[]> appended = new HashMap<>();
        Map<BlobRef, byte[]> durable = Map.of();
        int stop = 1 + random.nextInt(30);
        for (int i = 0; i < stop; i++) {
          byte[] content = bytes(random, random.nextInt(6_000));
          appended.put(writer.append("object-" + i, content), content);
          if (random.nextInt(4) == 0) {
            writer.sync();
            durable = Map.copyOf(appended);
          }
        }
        disk.powerFailure();
        for (Map.Entry<BlobRef, byte[]> entry : durable.entrySet()) {
          assertArrayEquals(entry.getValue(), store.read(entry.getKey()), "seed " + seed);
        }
        allEntries(dir);
      }
    }
  }

  @Test
  void staysBrokenAfterAFailedSync() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    Path dir = Files.createDirectory(root.resolve("eio"));
    try (LocalBlobStore store = store(dir, disk, new Random(1))) {
      ShardWriter writer = store.openShard("test");
      writer.append("a", new byte[10]);
      disk.failSyncs(true);
      String message = assertThrows(BlobWriteException.class, writer::sync).getMessage();
      assertTrue(message.contains("restart from the last checkpoint"), message);
      disk.failSyncs(false);
      assertThrows(BlobWriteException.class, writer::sync);
      assertThrows(BlobWriteException.class, () -> writer.append("b", new byte[10]));
      writer.close();
      try (ShardWriter next = store.openShard("test")) {
        byte[] content = bytes(new Random(2), 50);
        assertArrayEquals(content, store.read(next.append("b", content)));
      }
    }
  }

  @Test
  void leavesNoFileWhenTheFirstObjectMeetsAFullDisk() throws IOException {
    SimulatedDisk disk = new SimulatedDisk();
    Path dir = Files.createDirectory(root.resolve("full"));
    try (LocalBlobStore store = store(dir, disk, new Random(1));
        ShardWriter writer = store.openShard("test")) {
      disk.capacity(600);
      assertThrows(BlobWriteException.class, () -> writer.append("a", new byte[1_000]));
      assertEquals(Map.of(), allEntries(dir));
      disk.capacity(1 << 20);
      BlobRef ref = writer.append("a", new byte[1_000]);
      assertArrayEquals(new byte[1_000], store.read(ref));
    }
  }
}
