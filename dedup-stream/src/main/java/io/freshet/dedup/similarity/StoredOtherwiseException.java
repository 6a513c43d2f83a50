package io.freshet.dedup.similarity;

import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;

/**
 * The state holds vectors in another form than the configuration asks for. Restarting can't help,
 * so the job fails for good.
 */
@ThrowableAnnotation(ThrowableType.NonRecoverableError)
public final class StoredOtherwiseException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  StoredOtherwiseException(String stored, String configured) {
    super(
        ("the stored vectors have %s, the new ones %s; set dedup.embedding back"
                + " (normalisation.weight above 0 needs the excess over the background), or start"
                + " with empty state to deduplicate anew")
            .formatted(stored, configured));
  }
}
