package io.freshet.dedup.component;

import io.freshet.schemas.DuplicateMethod;
import java.util.Comparator;
import java.util.Objects;

/**
 * Why two images count as copies of each other.
 *
 * @param method HASH or COPY_EMBEDDING
 * @param score HASH the distance in bits, COPY_EMBEDDING the cosine, normalised where that is
 *     configured
 */
public record Evidence(DuplicateMethod method, float score) {
  /** The strongest first: a hash before a cosine, few bits before many, a high cosine first. */
  public static final Comparator<Evidence> STRONGEST_FIRST =
      Comparator.comparing(Evidence::method)
          .thenComparing(
              evidence ->
                  evidence.method == DuplicateMethod.HASH ? evidence.score : -evidence.score);

  public Evidence {
    Objects.requireNonNull(method, "method");
    if (method != DuplicateMethod.HASH && method != DuplicateMethod.COPY_EMBEDDING) {
      throw new IllegalArgumentException(
          "an edge rests on HASH or COPY_EMBEDDING, not on " + method);
    }
  }
}
