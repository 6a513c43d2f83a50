package io.freshet.platform.flink;

import io.freshet.schemas.Origin;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Names the image that a crawl record asked for: 32 hex digits, the first half of a SHA-256 over
 * where the record lies. The same after any replay, because topic, partition and offset are.
 */
public final class RequestId {
  private static final int BYTES = 16;

  private RequestId() {}

  /** Of the one request that the record is. */
  public static String of(Origin origin) {
    return of(origin, 0);
  }

  /**
   * Of one among several requests in a record.
   *
   * @param index 0 or more, in an order that a replay repeats
   */
  public static String of(Origin origin, int index) {
    String place =
        "%s|%d|%d|%d"
            .formatted(origin.getTopic(), origin.getPartition(), origin.getOffset(), index);
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(place.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
