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
 * @param imageId the image whose verdict rests on it, or one of its component; empty where nobody
 *     was told
 * @param otherImageId the image that it leads to, or the name of a {@link Benchmark}; empty where
 *     nobody was told
 */
public record Evidence(DuplicateMethod method, float score, String imageId, String otherImageId) {
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
    // State from before evidence had ends brings none.
    imageId = Objects.requireNonNullElse(imageId, "");
    otherImageId = Objects.requireNonNullElse(otherImageId, "");
  }

  /** Of a pair that whoever holds it names beside it. */
  public Evidence(DuplicateMethod method, float score) {
    this(method, score, "", "");
  }

  /** The same, seen from the first of the two images. */
  Evidence from(String end, String otherEnd) {
    return new Evidence(method, score, end, otherEnd);
  }

  /** Whether it is of an image and a benchmark. */
  public boolean isOfBenchmark() {
    return Benchmark.isName(otherImageId);
  }
}
