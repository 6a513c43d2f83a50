package io.freshet.curator.retrieval;

/**
 * The seed that an image is nearest to, of all datasets; of equals the one with the least image id.
 *
 * @param similarity cosine
 */
public record NearestSeed(String dataset, String seedId, float similarity) {}
