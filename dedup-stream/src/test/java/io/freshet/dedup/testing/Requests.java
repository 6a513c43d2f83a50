package io.freshet.dedup.testing;

import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.request.Request;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.ImageFormat;
import io.freshet.schemas.IngestedImage;
import io.freshet.schemas.Origin;
import io.freshet.schemas.Original;
import io.freshet.schemas.Pdq256;
import io.freshet.schemas.SafetyScores;
import io.freshet.schemas.Sha256;
import io.freshet.schemas.SourceUrls;
import java.nio.ByteBuffer;
import java.time.Instant;

/** Requests as ingest would write them. */
public final class Requests {
  private static final Instant AT = Instant.parse("2026-03-01T10:00:00Z");

  private Requests() {}

  /** An image without a blob behind it. */
  public static Request request(int number, String imageId, BitCode pdq, int quality) {
    return request(number, imageId, pdq, quality, new BlobRef("none", 0L, 1, sha(0)));
  }

  public static Request request(
      int number, String imageId, BitCode pdq, int quality, BlobRef blob) {
    return new Request(
        ingested(number, imageId, pdq, quality, blob),
        new Origin("image.ingested", 0, (long) number));
  }

  public static IngestedImage ingested(
      int number, String imageId, BitCode pdq, int quality, BlobRef blob) {
    return IngestedImage.newBuilder()
        .setRequestId("%032x".formatted(number))
        .setImageId(imageId)
        .setBlob(blob)
        .setWidth(96)
        .setHeight(96)
        .setOriginal(new Original(ImageFormat.JPEG, 1000, sha(number)))
        .setSource(new SourceUrls("http://example.org/%d.jpg".formatted(number), null, null))
        .setRequestedAt(AT)
        .setFetchedAt(AT.plusMillis(10))
        .setIngestedAt(AT.plusMillis(20 + number))
        .setPdq(new Pdq256(bytes(pdq)))
        .setPdqQuality(quality)
        .setPcaHash(null)
        .setFacesBlurred(0)
        .setSafety(new SafetyScores(null, null))
        .build();
  }

  /** An image_id of 64 hex digits. */
  public static String imageId(int number) {
    return "%064x".formatted(number);
  }

  public static byte[] bytes(BitCode code) {
    ByteBuffer buffer = ByteBuffer.allocate(BitCode.BYTES);
    code.write(buffer);
    return buffer.array();
  }

  private static Sha256 sha(int number) {
    return new Sha256(ByteBuffer.allocate(32).putInt(number).array());
  }
}
