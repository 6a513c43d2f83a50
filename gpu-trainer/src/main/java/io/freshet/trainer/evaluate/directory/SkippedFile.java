package io.freshet.trainer.evaluate.directory;

/**
 * An image that could not be used.
 *
 * @param name relative to the directory
 * @param reason for people
 */
public record SkippedFile(String name, String reason) {}
