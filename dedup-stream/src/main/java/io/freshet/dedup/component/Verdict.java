package io.freshet.dedup.component;

import java.util.List;
import java.util.Objects;

/**
 * What a {@link ComponentTracker} says of an image.
 *
 * @param keptImageId the image itself where it is KEPT, or the one that its component keeps instead
 * @param evidence of a COPY the strongest edge that it had when it was decided; otherwise none
 */
public record Verdict(Kind kind, String imageId, String keptImageId, List<Evidence> evidence) {
  /** An image is first KEPT or a COPY; what was kept may be RETRACTED later. */
  public enum Kind {
    /** The first of its component that was decided. */
    KEPT,
    /** Its component has a keeper. */
    COPY,
    /** An edge joined its component to that of an older keeper. */
    RETRACTED
  }

  public Verdict {
    Objects.requireNonNull(imageId, "imageId");
    Objects.requireNonNull(keptImageId, "keptImageId");
    if (evidence.size() != (kind == Kind.COPY ? 1 : 0)) {
      throw new IllegalArgumentException(
          "%s rests on %d edges; only a COPY rests on one".formatted(kind, evidence.size()));
    }
  }

  static Verdict kept(String imageId) {
    return new Verdict(Kind.KEPT, imageId, imageId, List.of());
  }

  static Verdict copy(String imageId, String keptImageId, Evidence evidence) {
    return new Verdict(Kind.COPY, imageId, keptImageId, List.of(evidence));
  }

  static Verdict retracted(String imageId, String keptImageId) {
    return new Verdict(Kind.RETRACTED, imageId, keptImageId, List.of());
  }
}
