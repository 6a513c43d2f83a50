package io.freshet.curator.window;

/**
 * An image that curation takes, and why.
 *
 * @param dataset on whose behalf; {@link #BALANCED} where no seed asked for it
 * @param queryOrClusterId image id of the seed, or of the image nearest to the cluster's centroid
 * @param similarity cosine to that seed or centroid
 * @param rank place among what that seed or cluster takes; 1 is the first
 */
public record Choice(
    String imageId,
    Strategy strategy,
    String dataset,
    String queryOrClusterId,
    float similarity,
    int rank) {
  /** The dataset of what balanced sampling takes. */
  public static final String BALANCED = "balanced";

  /** How an image came to be taken, in the order in which they choose. */
  public enum Strategy {
    SAMPLE,
    CLUSTER,
    BALANCED
  }
}
