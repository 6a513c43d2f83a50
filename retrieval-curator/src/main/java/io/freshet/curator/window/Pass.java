package io.freshet.curator.window;

import io.freshet.curator.retrieval.NearestSeed;
import java.util.Optional;

/**
 * An image of the window that curation leaves, and why.
 *
 * @param nearest the seed that it is nearest to; none where there is no seed
 */
public record Pass(String imageId, Reason reason, Optional<NearestSeed> nearest) {
  /** What kept it from being taken for a seed. */
  public enum Reason {
    /** No seed is near enough. */
    FAR,
    /** A seed is near enough, and takes others that are nearer to it. */
    OUTBID,
    /** A seed asked for it, and the budget of its dataset or of the image's host was used up. */
    BUDGET
  }
}
