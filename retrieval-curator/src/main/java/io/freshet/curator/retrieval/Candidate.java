package io.freshet.curator.retrieval;

/**
 * An uncurated image of the window.
 *
 * @param imageId 64 hex digits
 * @param vector its embedding in the seeds' space, L2-normalised; not copied
 */
public record Candidate(String imageId, float[] vector) {}
