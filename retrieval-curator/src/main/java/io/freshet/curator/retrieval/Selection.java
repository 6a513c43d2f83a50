package io.freshet.curator.retrieval;

/**
 * An image that a dataset retrieved.
 *
 * @param seedId the seed that it is nearest to among those that retrieved it
 * @param similarity cosine to that seed
 * @param rank place among that seed's neighbours; 1 is the nearest
 */
public record Selection(
    String imageId, String dataset, String seedId, float similarity, int rank) {}
