package io.freshet.ingest.intake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.ingest.Pictures;
import io.freshet.schemas.ImageFormat;
import io.freshet.schemas.IngestedImage;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.RejectionReason;
import io.freshet.vision.hash.PcaHash;
import io.freshet.vision.hash.PdqHash;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.DecodeLimits;
import io.freshet.vision.image.ImageDecoder;
import io.freshet.vision.image.RgbImage;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ImageIntakeTest {
  private static final Instant REQUESTED = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant FETCHED = REQUESTED.plusSeconds(1);
  private static final Instant NOW = REQUESTED.plusSeconds(2);
  private static final ImageRequest REQUEST =
      new ImageRequest(
          "0123456789abcdef0123456789abcdef",
          "site.org",
          "http://site.org/a.png",
          "http://site.org/",
          "A cat",
          "crawl.pages",
          3,
          42,
          REQUESTED);
  private static final DecodeLimits LIMITS =
      new DecodeLimits(1 << 20, 16, 1000, 500_000, 64 << 10, Duration.ofSeconds(20));

  private final MemoryShard shard = new MemoryShard();
  private final ImageIntake intake = intake(Optional.empty());

  private ImageIntake intake(Optional<PcaHash> pcaHash) {
    return new ImageIntake(
        new ImageDecoder(LIMITS), pcaHash, shard, Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private IngestedImage accepted(byte[] body) {
    return assertInstanceOf(
            IntakeOutcome.Accepted.class, intake.take(new FetchedImage(REQUEST, body, FETCHED)))
        .image();
  }

  private void assertRefused(RejectionReason reason, byte[] body) {
    RejectedImage refusal =
        assertInstanceOf(
                IntakeOutcome.Refused.class, intake.take(new FetchedImage(REQUEST, body, FETCHED)))
            .refusal();
    assertEquals(reason, refusal.getReason(), refusal.getDetail());
    assertEquals(REQUEST.requestId(), refusal.getRequestId());
    assertEquals("ingest", refusal.getStage());
    assertEquals("http://site.org/a.png", refusal.getUrl());
    assertEquals(REQUEST.origin(), refusal.getOrigin());
    assertEquals(NOW, refusal.getAt());
    assertTrue(refusal.getDetail().getBytes(UTF_8).length <= 1024);
    assertTrue(shard.entries().isEmpty(), "nothing is stored of a refused image");
  }

  @Test
  void takesInAnImage() throws Exception {
    byte[] body = Pictures.drawn("png", 120, 80, 1);
    IngestedImage image = accepted(body);

    assertEquals(REQUEST.requestId(), image.getRequestId());
    assertEquals(REQUEST.source(), image.getSource());
    assertEquals(120, image.getWidth());
    assertEquals(80, image.getHeight());
    assertEquals(ImageFormat.PNG, image.getOriginal().getFormat());
    assertEquals(body.length, image.getOriginal().getBytes());
    assertArrayEquals(
        MessageDigest.getInstance("SHA-256").digest(body), image.getOriginal().getSha256().bytes());
    assertEquals(REQUESTED, image.getRequestedAt());
    assertEquals(FETCHED, image.getFetchedAt());
    assertEquals(NOW, image.getIngestedAt());
    assertNull(image.getPcaHash());
    assertEquals(0, image.getFacesBlurred());
    assertNull(image.getSafety().getNsfw());
  }

  @Test
  void storesTheCanonicalPixelsThatTheRecordNames() {
    IngestedImage image = accepted(Pictures.drawn("png", 120, 80, 1));
    Map.Entry<String, byte[]> entry = shard.entries().entrySet().iterator().next();
    assertEquals(REQUEST.requestId() + ".png", entry.getKey());
    assertEquals(entry.getValue().length, image.getBlob().getLength());
    RgbImage stored = CanonicalEncoding.decode(entry.getValue());
    assertEquals(image.getImageId(), CanonicalEncoding.imageId(stored));
    PdqHash hash = PdqHash.of(stored);
    assertArrayEquals(hash.bits(), image.getPdq().bytes());
    assertEquals(hash.quality(), image.getPdqQuality());
  }

  @Test
  void namesTheFormatByItsBytes() {
    assertEquals(
        ImageFormat.JPEG, accepted(Pictures.drawn("jpg", 64, 64, 2)).getOriginal().getFormat());
    assertEquals(
        ImageFormat.GIF, accepted(Pictures.drawn("gif", 64, 64, 2)).getOriginal().getFormat());
    assertEquals(
        ImageFormat.BMP, accepted(Pictures.drawn("bmp", 64, 64, 2)).getOriginal().getFormat());
  }

  @Test
  void givesOneIdToOnePictureWhateverItsFile() {
    String png = accepted(Pictures.drawn("png", 64, 64, 3)).getImageId();
    assertEquals(png, accepted(Pictures.drawn("bmp", 64, 64, 3)).getImageId());
    assertNotEquals(png, accepted(Pictures.drawn("png", 64, 64, 4)).getImageId());
  }

  @Test
  void hashesWithTheModelWhenThereIsOne() {
    PcaHash model = PcaHash.bundled();
    byte[] body = Pictures.drawn("png", 64, 64, 5);
    IngestedImage image =
        assertInstanceOf(
                IntakeOutcome.Accepted.class,
                intake(Optional.of(model)).take(new FetchedImage(REQUEST, body, FETCHED)))
            .image();
    RgbImage stored = CanonicalEncoding.decode(shard.entries().values().iterator().next());
    assertEquals(ByteBuffer.wrap(model.hash(stored)), image.getPcaHash());
  }

  @Test
  void refusesWhatIsNoImageOfTheLimitsByName() {
    byte[] png = Pictures.drawn("png", 120, 80, 1);
    assertRefused(RejectionReason.BODY_EMPTY, new byte[0]);
    assertRefused(RejectionReason.BODY_TOO_LARGE, new byte[(1 << 20) + 1]);
    assertRefused(
        RejectionReason.FORMAT_UNSUPPORTED, "<!doctype html><p>Not found".getBytes(UTF_8));
    assertRefused(RejectionReason.TRUNCATED, Arrays.copyOf(png, png.length / 2));
    assertRefused(RejectionReason.TOO_SMALL, Pictures.drawn("png", 300, 15, 1));
    assertRefused(RejectionReason.TOO_MANY_PIXELS, Pictures.drawn("png", 1001, 20, 1));
    assertRefused(RejectionReason.TOO_MANY_PIXELS, Pictures.drawn("png", 900, 900, 1));
    byte[] damaged = png.clone();
    damaged[60] ^= 0x55;
    assertRefused(RejectionReason.CORRUPT, damaged);
  }

  @Test
  void failsWhenTheDiskDoesInsteadOfBlamingTheImage() {
    shard.fill();
    FetchedImage fetched = new FetchedImage(REQUEST, Pictures.drawn("png", 64, 64, 1), FETCHED);
    assertThrows(UncheckedIOException.class, () -> intake.take(fetched));
  }
}
