package io.freshet.trainer.evaluate.model;

/**
 * Tokens of one image after one block.
 *
 * @param rows patches from top to bottom
 * @param columns patches from left to right
 * @param dim numbers of a token
 * @param tokens (rows, columns, dim)
 * @param cls the image's class token
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record PatchTokens(int rows, int columns, int dim, float[] tokens, float[] cls) {
  public PatchTokens {
    if (tokens.length != rows * columns * dim || cls.length != dim) {
      throw new IllegalArgumentException(
          "%d numbers for %d x %d tokens of %d".formatted(tokens.length, rows, columns, dim));
    }
  }

  /** The tokens as an image of {@code dim} channels, (dim, rows, columns). */
  public float[] planes() {
    int patches = rows * columns;
    float[] planes = new float[tokens.length];
    for (int patch = 0; patch < patches; patch++) {
      for (int d = 0; d < dim; d++) {
        planes[d * patches + patch] = tokens[patch * dim + d];
      }
    }
    return planes;
  }
}
