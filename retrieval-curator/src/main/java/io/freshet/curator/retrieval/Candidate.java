package io.freshet.curator.retrieval;

/**
 * An uncurated image of the window.
 *
 * @param imageId 64 hex digits
 * @param host the host that served it, for the budget per host; empty when it is unknown
 * @param vector its embedding in the seeds' space, L2-normalised; not copied
 */
public record Candidate(String imageId, String host, float[] vector) {
  /** An image of an unknown host. */
  public Candidate(String imageId, float[] vector) {
    this(imageId, "", vector);
  }
}
