package io.freshet.deploy.curation;

/**
 * Something that can't take part: an image that can't be read, a record that can't be decoded.
 *
 * @param place where it lies
 * @param imageId 64 hex digits; empty when it is not known
 */
public record LeftOut(String place, String imageId, String reason) {}
