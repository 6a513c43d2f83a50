package io.freshet.vision.model;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * Tokens after some of the blocks, in the blocks' order. The tensors belong to the manager given to
 * the call.
 *
 * @param patchTokens each {@code (B, N, D)}, or {@code (B, D, rows, columns)} when reshaped
 * @param clsTokens each {@code (B, D)}
 */
public record IntermediateLayers(List<NDArray> patchTokens, List<NDArray> clsTokens) {

  public IntermediateLayers {
    patchTokens = List.copyOf(patchTokens);
    clsTokens = List.copyOf(clsTokens);
  }
}
