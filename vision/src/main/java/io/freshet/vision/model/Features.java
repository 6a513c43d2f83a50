package io.freshet.vision.model;

import ai.djl.ndarray.NDArray;
import java.util.Map;

/**
 * What {@code forward_features} returns. The tensors belong to the manager given to the call.
 *
 * @param clsToken class token after the final norm, {@code (B, D)}
 * @param registerTokens register tokens after the final norm, {@code (B, R, D)}; R may be 0
 * @param patchTokens patch tokens after the final norm, {@code (B, N, D)}, row by row
 * @param prenorm all tokens before the final norm, {@code (B, 1 + R + N, D)}
 */
public record Features(
    NDArray clsToken, NDArray registerTokens, NDArray patchTokens, NDArray prenorm) {

  static Features named(Map<String, NDArray> tensors, String prefix) {
    return new Features(
        tensors.get(prefix + "x_norm_clstoken"),
        tensors.get(prefix + "x_norm_regtokens"),
        tensors.get(prefix + "x_norm_patchtokens"),
        tensors.get(prefix + "x_prenorm"));
  }
}
