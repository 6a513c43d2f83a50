package io.freshet.dedup.component;

import java.util.List;
import java.util.Objects;

/**
 * What a {@link ComponentTracker} says of an image.
 *
 * @param keptImageId the image itself where it is KEPT, the one that its component keeps instead,
 *     or the {@link Benchmark} that its component holds
 * @param evidence of a COPY or a CONTAMINATED image the strongest edge that it had when it was
 *     decided; of one that is withdrawn the edge that joined its component to the other, from an
 *     image of its own, where it is known; otherwise none
 */
public record Verdict(Kind kind, String imageId, String keptImageId, List<Evidence> evidence) {
  /**
   * An image is first KEPT, a COPY or CONTAMINATED; what was kept may be withdrawn later. RETURNED
   * it is after any of them.
   */
  public enum Kind {
    /** The first of its component that was decided. */
    KEPT,
    /** Its component has a keeper. */
    COPY,
    /** Its component holds a benchmark. */
    CONTAMINATED,
    /** The same pixels were decided before, and their component is known. */
    RETURNED,
    /** It was kept, and an edge joined its component to that of an older keeper. */
    RETRACTED,
    /** It was kept, and its component came to hold a benchmark. */
    DECONTAMINATED
  }

  public Verdict {
    Objects.requireNonNull(imageId, "imageId");
    Objects.requireNonNull(keptImageId, "keptImageId");
    boolean restsOnNone = kind == Kind.KEPT || kind == Kind.RETURNED;
    boolean mayRestOnNone = restsOnNone || kind == Kind.DECONTAMINATED;
    boolean mayRestOnOne = !restsOnNone;
    if (evidence.isEmpty() ? !mayRestOnNone : evidence.size() > 1 || !mayRestOnOne) {
      throw new IllegalArgumentException(
          "%s rests on %d edges; a KEPT or RETURNED image rests on none, others on one"
              .formatted(kind, evidence.size()));
    }
  }

  static Verdict kept(String imageId) {
    return new Verdict(Kind.KEPT, imageId, imageId, List.of());
  }

  static Verdict copy(String imageId, String keptImageId, Evidence evidence) {
    return new Verdict(Kind.COPY, imageId, keptImageId, List.of(evidence));
  }

  static Verdict contaminated(String imageId, String benchmark, Evidence evidence) {
    return new Verdict(Kind.CONTAMINATED, imageId, benchmark, List.of(evidence));
  }

  static Verdict returned(String imageId, String keeperOrBenchmark) {
    return new Verdict(Kind.RETURNED, imageId, keeperOrBenchmark, List.of());
  }

  static Verdict decontaminated(String imageId, String benchmark, List<Evidence> evidence) {
    return new Verdict(Kind.DECONTAMINATED, imageId, benchmark, evidence);
  }

  static Verdict retracted(String imageId, String keptImageId, Evidence evidence) {
    return new Verdict(Kind.RETRACTED, imageId, keptImageId, List.of(evidence));
  }
}
