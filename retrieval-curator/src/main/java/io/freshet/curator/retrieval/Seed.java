package io.freshet.curator.retrieval;

/**
 * A curated image that attracts others.
 *
 * @param imageId 64 hex digits
 * @param dataset the curated dataset it belongs to
 * @param vector its embedding, L2-normalised; not copied
 */
public record Seed(String imageId, String dataset, float[] vector) {}
