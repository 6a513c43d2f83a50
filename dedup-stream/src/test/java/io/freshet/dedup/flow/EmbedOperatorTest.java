package io.freshet.dedup.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.embed.CopyEmbedder;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.Embedding.Unreadable;
import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.similarity.EmbedderChangedException;
import io.freshet.dedup.testing.FakeEmbedder;
import io.freshet.dedup.testing.Requests;
import io.freshet.dedup.testing.StoredImages;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.config.DataSize;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.RejectionReason;
import io.freshet.vision.image.RgbImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.throwable.ThrowableClassifier;
import org.apache.flink.runtime.throwable.ThrowableType;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.types.Either;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("try") // a harness's close may throw InterruptedException
class EmbedOperatorTest {
  private static final int BATCH = 4;
  private static final Duration LINGER = Duration.ofMillis(50);

  @TempDir Path directory;
  private BlobConfig blobs;
  private StoredImages images;
  private FakeEmbedder embedder;
  private final Random random = new Random(31);

  @BeforeEach
  void openStore() {
    blobs = new BlobConfig(directory, new DataSize(1 << 20));
    images = new StoredImages(blobs);
    embedder = new FakeEmbedder("fake");
  }

  @AfterEach
  void closeStore() {
    images.close();
  }

  @Test
  void aFullBatchGoesAtOnceAndTheRestWhenItLingered() throws Exception {
    try (var harness = open(null)) {
      for (int i = 0; i < BATCH + 1; i++) {
        harness.processElement(new StreamRecord<>(images.request(i, image())));
      }
      assertEquals(List.of(BATCH), embedder.batches());
      harness.setProcessingTime(LINGER.toMillis());
      assertEquals(List.of(BATCH, 1), embedder.batches());
      assertEquals(
          List.of(0, 1, 2, 3, 4),
          harness.extractOutputValues().stream().map(EmbedOperatorTest::number).toList());
    }
    assertTrue(embedder.isClosed());
  }

  @Test
  void nothingIsHeldBackAtACheckpoint() throws Exception {
    try (var harness = open(null)) {
      harness.processElement(new StreamRecord<>(images.request(1, image())));
      harness.prepareSnapshotPreBarrier(1);
      assertEquals(1, harness.extractOutputValues().size());
      OperatorSubtaskState snapshot = harness.snapshot(1, 1);
      try (var restored = open(snapshot)) {
        restored.endInput();
        assertEquals(0, restored.extractOutputValues().size());
      }
    }
  }

  @Test
  void lostAlteredAndForeignBytesAreRefusedAndTheOthersEmbedded() throws Exception {
    RgbImage image = image();
    BlobRef stored = images.store(image);
    BlobRef foreign = images.store("no image".getBytes(StandardCharsets.UTF_8));
    BlobRef missing =
        new BlobRef(
            "test-9-000000.tar", stored.getOffset(), stored.getLength(), stored.getSha256());
    try (var harness = open(null)) {
      harness.processElement(new StreamRecord<>(request(1, missing)));
      harness.processElement(new StreamRecord<>(request(2, StoredImages.altered(stored))));
      harness.processElement(new StreamRecord<>(request(3, foreign)));
      harness.processElement(new StreamRecord<>(request(4, stored)));
      List<RejectionReason> reasons = new ArrayList<>();
      int embedded = 0;
      for (Either<Embedded, Unreadable> result : harness.extractOutputValues()) {
        if (result.isRight()) {
          reasons.add(result.right().reason());
        } else {
          embedded++;
        }
      }
      assertEquals(
          List.of(
              RejectionReason.BLOB_MISSING, RejectionReason.BLOB_ALTERED, RejectionReason.CORRUPT),
          reasons);
      assertEquals(1, embedded);
    }
  }

  @Test
  void anotherEmbedderRefusesToStartForGood() throws Exception {
    OperatorSubtaskState snapshot;
    try (var harness = open(null)) {
      snapshot = harness.snapshot(1, 1);
    }
    embedder = new FakeEmbedder("other");
    EmbedderChangedException refused =
        assertThrows(EmbedderChangedException.class, () -> open(snapshot));
    assertTrue(refused.getMessage().contains("fake@1/pixels/l2"), refused.getMessage());
    assertTrue(refused.getMessage().contains("other@1/pixels/l2"), refused.getMessage());
    assertTrue(
        ThrowableClassifier.findThrowableOfThrowableType(refused, ThrowableType.NonRecoverableError)
            .isPresent(),
        "Flink would restart for ever");
  }

  private RgbImage image() {
    byte[] rgb = new byte[3 * 16 * 16];
    random.nextBytes(rgb);
    return new RgbImage(16, 16, rgb);
  }

  private static Request request(int number, BlobRef blob) {
    return Requests.request(number, Requests.imageId(number), new BitCode(new long[4]), 0, blob);
  }

  private static int number(Either<Embedded, Unreadable> result) {
    return Integer.parseInt(result.left().request().image().getRequestId(), 16);
  }

  private OneInputStreamOperatorTestHarness<Request, Either<Embedded, Unreadable>> open(
      OperatorSubtaskState state) throws Exception {
    EmbedderSource source = () -> new CopyEmbedder(BlobStores.open(blobs), embedder);
    var harness =
        new OneInputStreamOperatorTestHarness<Request, Either<Embedded, Unreadable>>(
            new EmbedOperator(source, BATCH, LINGER));
    harness.setup(
        StreamTypes.EMBEDDING.createSerializer(harness.getExecutionConfig().getSerializerConfig()));
    if (state != null) {
      harness.initializeState(state);
    }
    harness.open();
    return harness;
  }
}
