package io.freshet.dedup.similarity;

import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;

/**
 * The configured embedder is not the one whose vectors the state holds. Restarting can't help, so
 * the job fails for good.
 */
@ThrowableAnnotation(ThrowableType.NonRecoverableError)
public final class EmbedderChangedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public EmbedderChangedException(String pinned, String configured) {
    super(
        ("deduplication is pinned to the embedder %s, but the configured one is %s: their vectors"
                + " can't be compared. Set dedup.embedding back, or start with empty state to"
                + " deduplicate anew")
            .formatted(pinned, configured));
  }

  /**
   * @throws EmbedderChangedException when the two differ
   */
  public static void requireSame(String pinned, String configured) {
    if (!pinned.equals(configured)) {
      throw new EmbedderChangedException(pinned, configured);
    }
  }

  /**
   * Of pins of two lines, the space and what else vectors must share to be compared.
   *
   * @throws EmbedderChangedException when the spaces differ
   * @throws StoredOtherwiseException when what follows differs
   */
  static void requireSamePin(String pinned, String expected) {
    if (!pinned.equals(expected)) {
      String[] before = pinned.split("\n", 2);
      String[] now = expected.split("\n", 2);
      requireSame(before[0], now[0]);
      throw new StoredOtherwiseException(before[1], now[1]);
    }
  }
}
