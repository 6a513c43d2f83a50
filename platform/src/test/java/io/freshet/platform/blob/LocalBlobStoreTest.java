package io.freshet.platform.blob;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.config.Config;
import io.freshet.platform.config.DataSize;
import io.freshet.platform.testing.JavaSerialization;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.RejectionReason;
import io.freshet.schemas.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalBlobStoreTest {
  private static final DataSize SHARD = new DataSize(64 << 10);

  @TempDir Path temp;
  private Path dir;
  private final Random random = new Random(7);
  private BlobStore store;

  @BeforeEach
  void open() {
    dir = temp.resolve("blobs");
    store = BlobStores.open(new BlobConfig(dir, SHARD));
  }

  @AfterEach
  void close() {
    store.close();
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private BlobRef stored(byte[] content) {
    try (ShardWriter writer = store.openShard("test-0")) {
      return writer.append("object.bin", content);
    }
  }

  private List<Path> shards() throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return files.sorted().toList();
    }
  }

  @Test
  void readsBackEveryLength() {
    Map<BlobRef, byte[]> written = new HashMap<>();
    try (ShardWriter writer = store.openShard("test-0")) {
      for (int length : new int[] {0, 1, 511, 512, 513, 1024, 10_000, 62_000}) {
        byte[] content = bytes(length);
        written.put(writer.append("object-" + length + ".bin", content), content);
      }
    }
    written.forEach((ref, content) -> assertArrayEquals(content, store.read(ref)));
    assertEquals(8, written.size());
  }

  @Test
  void rollsBeforeAShardExceedsItsSize() throws IOException {
    try (ShardWriter writer = store.openShard("test-0")) {
      for (int i = 0; i < 40; i++) {
        writer.append("object-" + i + ".bin", bytes(9_000));
      }
    }
    int entries = 0;
    for (Path shard : shards()) {
      assertTrue(Files.size(shard) <= SHARD.bytes(), shard + " has " + Files.size(shard));
      entries += TarReader.entries(shard).size();
    }
    assertEquals(40, entries);
    assertEquals(7, shards().size());
  }

  @Test
  void isAValidTarAfterEveryCall() throws IOException {
    try (ShardWriter writer = store.openShard("test-0")) {
      for (int i = 1; i <= 5; i++) {
        writer.append("object-" + i + ".png", bytes(700 * i));
        assertEquals(i, TarReader.entries(shards().get(0)).size());
        writer.sync();
        assertEquals(i, TarReader.entries(shards().get(0)).size());
      }
    }
  }

  @Test
  void isReadByTheTarCommand() throws IOException, InterruptedException {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/tar")), "no tar on this machine");
    byte[] content = bytes(5_000);
    try (ShardWriter writer = store.openShard("test-0")) {
      writer.append("a".repeat(64) + ".png", content);
      writer.append("b.png", bytes(512));
      writer.sync();
      Process tar =
          new ProcessBuilder("/usr/bin/tar", "-xvf", shards().get(0).toString())
              .directory(Files.createDirectory(temp.resolve("out")).toFile())
              .redirectErrorStream(true)
              .start();
      String output = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, tar.waitFor(), output);
      assertEquals("a".repeat(64) + ".png\nb.png\n", output);
    }
    assertArrayEquals(content, Files.readAllBytes(temp.resolve("out/" + "a".repeat(64) + ".png")));
  }

  @Test
  void neverAppendsToAShardOfAnEarlierWriter() throws IOException {
    BlobRef first = stored(bytes(100));
    byte[] before = Files.readAllBytes(dir.resolve(first.getShard()));
    BlobRef second = stored(bytes(100));
    assertNotEquals(first.getShard(), second.getShard());
    assertArrayEquals(before, Files.readAllBytes(dir.resolve(first.getShard())));
  }

  @Test
  void createsNoShardWithoutAnObject() throws IOException {
    try (ShardWriter writer = store.openShard("test-0")) {
      writer.sync();
    }
    assertEquals(List.of(), shards());
  }

  @Test
  void detectsEveryFlippedBitAndTruncation() throws IOException {
    byte[] content = bytes(80);
    BlobRef ref = stored(content);
    Path shard = dir.resolve(ref.getShard());
    byte[] original = Files.readAllBytes(shard);
    int from = (int) ref.getOffset();
    for (int bit = 0; bit < content.length * 8; bit++) {
      byte[] altered = original.clone();
      altered[from + bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(shard, altered);
      assertEquals(
          RejectionReason.BLOB_ALTERED,
          assertThrows(BlobAlteredException.class, () -> store.read(ref)).reason());
    }
    for (int length = 0; length < from + content.length; length += 37) {
      Files.write(shard, Arrays.copyOf(original, length));
      assertThrows(BlobAlteredException.class, () -> store.read(ref));
    }
    Files.write(shard, original);
    assertArrayEquals(content, store.read(ref));
  }

  @Test
  void noticesThatAShardWasDeletedWhileItWasOpen() throws IOException {
    BlobRef ref = stored(bytes(100));
    store.read(ref);
    Files.delete(dir.resolve(ref.getShard()));
    assertEquals(
        RejectionReason.BLOB_MISSING,
        assertThrows(BlobMissingException.class, () -> store.read(ref)).reason());
  }

  @Test
  void rejectsForgedPlacesWithoutAllocating() {
    BlobRef ref = stored(bytes(100));
    for (long offset : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 40}) {
      assertThrows(
          BlobUnavailableException.class, () -> store.read(forged(ref, offset, ref.getLength())));
    }
    for (int length : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 99, 101}) {
      assertThrows(
          BlobUnavailableException.class, () -> store.read(forged(ref, ref.getOffset(), length)));
    }
  }

  private static BlobRef forged(BlobRef ref, long offset, int length) {
    return new BlobRef(ref.getShard(), offset, length, ref.getSha256());
  }

  @Test
  void rejectsFiveHundredNamesThatLeaveTheDirectory() throws IOException {
    Path secret = Files.write(dir.resolveSibling("secret.tar"), bytes(100));
    Sha256 digest = new Sha256(Digests.sha256(Files.readAllBytes(secret)));
    List<String> steps = List.of("..", "....", ".", "%2e%2e", "..;", "\u2025", "\u0000", "x/..");
    List<String> separators = List.of("/", "\\", "//", "%2f", "%5c", "/./", "\u2215", "\u0000/");
    List<String> targets =
        List.of("secret.tar", "etc/passwd", "secret.tar\u0000.tar", "SECRET.TAR", "secret.tar/");
    List<String> names = new ArrayList<>(List.of("", ".", "..", ".tar", "-a.tar", "a.tar\n"));
    for (String step : steps) {
      for (String separator : separators) {
        for (String target : targets) {
          names.add(step + separator + target);
          names.add(separator + step + separator + step + separator + target);
        }
      }
    }
    names.add(secret.toString());
    names.add(secret.toUri().toString());
    assertTrue(names.size() > 500, names.size() + " names");
    for (String name : names) {
      assertThrows(
          BlobMissingException.class, () -> store.read(new BlobRef(name, 0L, 100, digest)), name);
    }
  }

  @Test
  void followsNoSymbolicLink() throws IOException {
    BlobRef ref = stored(bytes(100));
    Path shard = dir.resolve(ref.getShard());
    Path elsewhere = dir.resolveSibling("elsewhere.tar");
    Files.move(shard, elsewhere);
    Files.createSymbolicLink(shard, elsewhere);
    assertThrows(UncheckedIOException.class, () -> store.read(ref));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "../x", "a/b", "A", "-x", "a b", "ümlaut"})
  void refusesBadWriterNames(String name) {
    assertThrows(IllegalArgumentException.class, () -> store.openShard(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".hidden", "../x", "a/b", "a\u0000b", "ümlaut"})
  void refusesBadEntryNames(String name) throws IOException {
    try (ShardWriter writer = store.openShard("test-0")) {
      assertThrows(IllegalArgumentException.class, () -> writer.append(name, bytes(1)));
      assertThrows(IllegalArgumentException.class, () -> writer.append("x".repeat(101), bytes(1)));
    }
    assertEquals(List.of(), shards());
  }

  @Test
  void refusesAnObjectThatFitsInNoShard() {
    try (ShardWriter writer = store.openShard("test-0")) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> writer.append("big.bin", bytes((int) SHARD.bytes())))
              .getMessage();
      assertTrue(message.contains("blobs.shard_max_size"), message);
    }
  }

  @Test
  void readsOnWhenAnotherReaderIsInterrupted() throws InterruptedException, ExecutionException {
    List<BlobRef> refs = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      refs.add(stored(bytes(2_000)));
    }
    ExecutorService readers = Executors.newFixedThreadPool(6);
    List<Future<Integer>> results = new ArrayList<>();
    for (int thread = 0; thread < 6; thread++) {
      boolean interrupts = thread < 2;
      long seed = thread;
      results.add(readers.submit(() -> readMany(refs, new Random(seed), interrupts)));
    }
    for (Future<Integer> result : results) {
      assertEquals(3_000, result.get());
    }
    readers.shutdown();
    assertTrue(readers.awaitTermination(10, TimeUnit.SECONDS));
  }

  private int readMany(List<BlobRef> refs, Random picks, boolean interrupts) {
    for (int i = 0; i < 3_000; i++) {
      BlobRef ref = refs.get(picks.nextInt(refs.size()));
      if (interrupts && i % 10 == 0) {
        Thread.currentThread().interrupt();
        assertThrows(UncheckedIOException.class, () -> store.read(ref));
        assertTrue(Thread.interrupted());
      } else {
        assertEquals(2_000, store.read(ref).length);
      }
    }
    return 3_000;
  }

  @Test
  void refusesToWriteAfterClose() {
    ShardWriter writer = store.openShard("test-0");
    writer.close();
    writer.close();
    assertThrows(IllegalStateException.class, () -> writer.append("a.bin", bytes(1)));
    assertThrows(IllegalStateException.class, writer::sync);
  }

  @Test
  void travelsWithAnOperator() throws IOException, ClassNotFoundException {
    BlobConfig config = Config.defaults().section("blobs", BlobConfig.class);
    assertEquals(DataSize.ofMebibytes(256), config.shardMaxSize());
    assertEquals(Path.of(".state/blobs"), config.dir());
    assertEquals(config, JavaSerialization.shipped(config));
    assertThrows(IllegalArgumentException.class, () -> new BlobConfig(dir, new DataSize(1)));
  }
}
