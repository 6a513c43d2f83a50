package io.freshet.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.ingest.intake.FetchedImage;
import io.freshet.ingest.intake.ImageRequest;
import io.freshet.ingest.intake.MemoryShard;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.ShardWriter;
import io.freshet.platform.config.DataSize;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.IngestedImage;
import io.freshet.schemas.Origin;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.RejectionReason;
import io.freshet.vision.image.DecodeLimits;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.apache.flink.types.Either;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // close() of the harness declares Exception
class TakeInTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static MemoryShard shard;

  @BeforeEach
  void emptyShard() {
    shard = new MemoryShard();
  }

  /** Stateless, because Flink copies the operator. */
  private static final class OneShard implements BlobStore {
    @Override
    public byte[] read(BlobRef ref) {
      throw new AssertionError("ingest reads nothing");
    }

    @Override
    public ShardWriter openShard(String writerName) {
      shard.events().add("open " + writerName);
      return shard;
    }

    @Override
    public void close() {
      shard.events().add("close store");
    }
  }

  private static OneInputStreamOperatorTestHarness<
          Either<RejectedImage, FetchedImage>, IngestedImage>
      harness() throws Exception {
    return ProcessFunctionTestHarnesses.forProcessFunction(
        new TakeIn(
            blobs -> new OneShard(),
            "ingest-fetched",
            new BlobConfig(Path.of("unused"), new DataSize(1 << 20)),
            DecodeLimits.DEFAULTS,
            "",
            Clock.systemUTC()));
  }

  private static Either<RejectedImage, FetchedImage> fetched(String id, byte[] body) {
    return Either.Right(new FetchedImage(request(id), body, NOW));
  }

  private static ImageRequest request(String id) {
    return new ImageRequest(id, "h", "http://h/", null, null, "crawl.pages", 0, 1, NOW);
  }

  @Test
  void syncsTheShardInEveryCheckpointAfterWhatWasAppended() throws Exception {
    try (var harness = harness()) {
      harness.processElement(fetched("a", Pictures.drawn("png", 32, 32, 1)), 0);
      harness.snapshot(1, 1);
      harness.processElement(fetched("b", Pictures.drawn("png", 32, 32, 2)), 0);
      harness.processElement(fetched("c", Pictures.drawn("png", 32, 32, 3)), 0);
      harness.snapshot(2, 2);
      assertEquals(3, harness.extractOutputValues().size());
    }
    assertEquals(
        List.of(
            "open ingest-fetched-0",
            "append a.png",
            "sync",
            "append b.png",
            "append c.png",
            "sync",
            "close",
            "close store"),
        shard.events());
  }

  @Test
  void sendsRefusalsAside() throws Exception {
    try (var harness = harness()) {
      harness.processElement(fetched("a", "no image".getBytes(UTF_8)), 0);
      RejectedImage before =
          new RejectedImage(
              "b",
              "http://h/",
              "ingest",
              RejectionReason.HTTP_STATUS,
              "404",
              new Origin("crawl.pages", 0, 1L),
              NOW);
      harness.processElement(Either.Left(before), 0);
      assertEquals(List.of(), harness.extractOutputValues());
      assertEquals(
          List.of(RejectionReason.FORMAT_UNSUPPORTED, RejectionReason.HTTP_STATUS),
          harness.getSideOutput(TakeIn.REFUSED).stream()
              .map(record -> record.getValue().getReason())
              .toList());
    }
  }

  @Test
  void failsWhenTheDiskDoes() throws Exception {
    try (var harness = harness()) {
      shard.fill();
      Either<RejectedImage, FetchedImage> good = fetched("a", Pictures.drawn("png", 32, 32, 1));
      assertThrows(Exception.class, () -> harness.processElement(good, 0));
    }
  }
}
