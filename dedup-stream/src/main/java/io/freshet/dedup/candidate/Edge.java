package io.freshet.dedup.candidate;

import io.freshet.dedup.component.Evidence;
import java.util.Objects;

/**
 * From an image that asks to one that was stored before it.
 *
 * @param imageId the stored one
 */
public record Edge(String imageId, Evidence evidence) {
  public Edge {
    Objects.requireNonNull(imageId, "imageId");
    Objects.requireNonNull(evidence, "evidence");
  }
}
