package io.freshet.sink.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.ShardWriter;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Sha256;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class ThumbnailStoreTest {
  private static final BlobRef BLOB = new BlobRef("shard", 0L, 10, new Sha256(new byte[32]));
  private static final byte[] PICTURE = picture();
  private static final int THREADS = 8;

  private final AtomicInteger reads = new AtomicInteger();
  private Supplier<byte[]> bytes = () -> PICTURE;

  private final BlobStore blobs =
      new BlobStore() {
        @Override
        public byte[] read(BlobRef ref) {
          reads.incrementAndGet();
          return bytes.get();
        }

        @Override
        public ShardWriter openShard(String writerName) {
          throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
      };

  private static byte[] picture() {
    byte[] rgb = new byte[3 * 200 * 100];
    new Random(1).nextBytes(rgb);
    return CanonicalEncoding.encode(new RgbImage(200, 100, rgb));
  }

  private static byte[] get(ThumbnailStore store, String id) {
    return store.thumbnail(id, BLOB).orElseThrow();
  }

  private int size() {
    int size = get(new ThumbnailStore(blobs, 1 << 20), "measured").length;
    reads.set(0);
    return size;
  }

  @Test
  void whatManyAskForAtOnceIsReadOnce() throws Exception {
    CountDownLatch asked = new CountDownLatch(THREADS);
    bytes =
        () -> {
          try {
            assertTrue(asked.await(60, TimeUnit.SECONDS));
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return PICTURE;
        };
    ThumbnailStore store = new ThumbnailStore(blobs, 1 << 20);
    ExecutorService pages = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<byte[]>> answers = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        answers.add(
            pages.submit(
                () -> {
                  asked.countDown();
                  return get(store, "a");
                }));
      }
      byte[] first = answers.get(0).get(60, TimeUnit.SECONDS);
      for (Future<byte[]> answer : answers) {
        assertArrayEquals(first, answer.get(60, TimeUnit.SECONDS));
      }
    } finally {
      pages.shutdownNow();
    }
    assertEquals(1, reads.get());
  }

  @Test
  void theOneThatWasAskedForLongestAgoGoesFirst() {
    ThumbnailStore store = new ThumbnailStore(blobs, 2L * size());
    get(store, "a");
    get(store, "b");
    get(store, "a");
    get(store, "c");
    assertEquals(3, reads.get());
    get(store, "a");
    get(store, "c");
    assertEquals(3, reads.get(), "both are held");
    get(store, "b");
    assertEquals(4, reads.get());
  }

  @Test
  void oneThatIsLargerThanTheMemoryIsServedAndNotHeld() {
    ThumbnailStore store = new ThumbnailStore(blobs, size() - 1L);
    get(store, "a");
    get(store, "a");
    assertEquals(2, reads.get());
  }

  @Test
  void aFailureIsNotRemembered() {
    ThumbnailStore store = new ThumbnailStore(blobs, 1 << 20);
    bytes =
        () -> {
          throw new IllegalStateException("the bytes are not those that were stored");
        };
    assertThrows(IllegalStateException.class, () -> store.thumbnail("a", BLOB));
    bytes =
        () -> {
          throw new OutOfMemoryError("thrown by a test");
        };
    assertThrows(OutOfMemoryError.class, () -> store.thumbnail("a", BLOB));
    bytes = () -> PICTURE;
    assertTrue(store.thumbnail("a", BLOB).isPresent());
  }
}
