package io.freshet.ingest.intake;

import io.freshet.platform.blob.ShardWriter;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.ImageFormat;
import io.freshet.schemas.IngestedImage;
import io.freshet.schemas.Original;
import io.freshet.schemas.Pdq256;
import io.freshet.schemas.RejectionReason;
import io.freshet.schemas.SafetyScores;
import io.freshet.schemas.Sha256;
import io.freshet.vision.hash.PcaHash;
import io.freshet.vision.hash.PdqHash;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.DecodedImage;
import io.freshet.vision.image.Format;
import io.freshet.vision.image.ImageDecoder;
import io.freshet.vision.image.ImageRejectedException;
import io.freshet.vision.image.RgbImage;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From bytes to an image of the pipeline: decodes, hashes, and appends the canonical pixels to the
 * shard. An accepted image is durable only after the shard's next {@code sync}.
 *
 * <p>Owned by the shard's thread; closes nothing.
 */
public final class ImageIntake {
  private static final Logger LOG = LoggerFactory.getLogger(ImageIntake.class);

  private final ImageDecoder decoder;
  private final Optional<PcaHash> pcaHash;
  private final ShardWriter shard;
  private final Clock clock;
  private final Refusals refusals;

  public ImageIntake(
      ImageDecoder decoder, Optional<PcaHash> pcaHash, ShardWriter shard, Clock clock) {
    this.decoder = decoder;
    this.pcaHash = pcaHash;
    this.shard = shard;
    this.clock = clock;
    this.refusals = new Refusals(clock);
  }

  /** What the pixels say, before anything is stored. */
  private record Reading(
      DecodedImage decoded, byte[] canonical, String imageId, PdqHash pdq, Optional<byte[]> pca) {}

  /**
   * @throws io.freshet.platform.blob.BlobWriteException when the image can't be stored: it says
   *     nothing about the image, try again from the last checkpoint
   */
  public IntakeOutcome take(FetchedImage fetched) {
    Reading reading;
    try {
      reading = read(fetched.body());
    } catch (ImageRejectedException e) {
      return refused(fetched, reason(e.reason()), e.detail());
    } catch (RuntimeException e) {
      // A defect here, found by bytes of a stranger: it costs this image, not the job.
      LOG.error("request {} failed unexpectedly", fetched.request().requestId(), e);
      return refused(fetched, RejectionReason.INTERNAL, "unexpected failure: " + e);
    }
    BlobRef blob = shard.append(fetched.request().requestId() + ".png", reading.canonical());
    return new IntakeOutcome.Accepted(ingested(fetched, reading, blob));
  }

  private Reading read(byte[] body) throws ImageRejectedException {
    DecodedImage decoded = decoder.decode(body);
    RgbImage image = decoded.image();
    return new Reading(
        decoded,
        CanonicalEncoding.encode(image),
        CanonicalEncoding.imageId(image),
        PdqHash.of(image),
        pcaHash.map(model -> model.hash(image)));
  }

  private IngestedImage ingested(FetchedImage fetched, Reading reading, BlobRef blob) {
    ImageRequest request = fetched.request();
    return IngestedImage.newBuilder()
        .setRequestId(request.requestId())
        .setImageId(reading.imageId())
        .setBlob(blob)
        .setWidth(reading.decoded().image().width())
        .setHeight(reading.decoded().image().height())
        .setOriginal(original(reading.decoded().format(), fetched.body()))
        .setSource(request.source())
        .setRequestedAt(request.requestedAt())
        .setFetchedAt(fetched.fetchedAt())
        .setIngestedAt(clock.instant())
        .setPdq(new Pdq256(reading.pdq().bits()))
        .setPdqQuality(reading.pdq().quality())
        .setPcaHash(reading.pca().map(ByteBuffer::wrap).orElse(null))
        .setFacesBlurred(0)
        .setSafety(new SafetyScores(null, null))
        .build();
  }

  private static Original original(Format format, byte[] body) {
    return new Original(format(format), body.length, new Sha256(sha256(body)));
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private IntakeOutcome refused(FetchedImage fetched, RejectionReason reason, String detail) {
    return new IntakeOutcome.Refused(refusals.of(fetched.request(), reason, detail));
  }

  private static ImageFormat format(Format format) {
    return switch (format) {
      case JPEG -> ImageFormat.JPEG;
      case PNG -> ImageFormat.PNG;
      case GIF -> ImageFormat.GIF;
      case WEBP -> ImageFormat.WEBP;
      case BMP -> ImageFormat.BMP;
    };
  }

  private static RejectionReason reason(ImageRejectedException.Reason reason) {
    return switch (reason) {
      case BODY_EMPTY -> RejectionReason.BODY_EMPTY;
      case BODY_TOO_LARGE -> RejectionReason.BODY_TOO_LARGE;
      case FORMAT_UNSUPPORTED -> RejectionReason.FORMAT_UNSUPPORTED;
      case TRUNCATED -> RejectionReason.TRUNCATED;
      case CORRUPT -> RejectionReason.CORRUPT;
      case TOO_MANY_PIXELS -> RejectionReason.TOO_MANY_PIXELS;
      case TOO_SMALL -> RejectionReason.TOO_SMALL;
      case DECODE_TIMEOUT -> RejectionReason.DECODE_TIMEOUT;
    };
  }
}
