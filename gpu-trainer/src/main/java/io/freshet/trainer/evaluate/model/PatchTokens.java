package io.freshet.trainer.evaluate.model;

/**
 * Normed patch tokens of one image.
 *
 * @param rows patches from top to bottom
 * @param columns patches from left to right
 * @param dim numbers of a token
 * @param tokens (rows, columns, dim)
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record PatchTokens(int rows, int columns, int dim, float[] tokens) {
  public PatchTokens {
    if (tokens.length != rows * columns * dim) {
      throw new IllegalArgumentException(
          "%d numbers for %d x %d tokens of %d".formatted(tokens.length, rows, columns, dim));
    }
  }
}
