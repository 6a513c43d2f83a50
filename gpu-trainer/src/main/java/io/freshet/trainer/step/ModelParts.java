package io.freshet.trainer.step;

import ai.djl.ndarray.NDArray;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model's parameters as the scripts take them. Live tensors, owned by whoever owns the model.
 *
 * @param backbone under bare names: cls_token, blocks.0.norm1.weight, ...
 * @param heads under full names: dino_head.*, ibot_head.*
 */
public record ModelParts(Map<String, NDArray> backbone, Map<String, NDArray> heads) {

  private static final String BACKBONE = "backbone.";

  public ModelParts {
    backbone = Collections.unmodifiableMap(new LinkedHashMap<>(backbone));
    heads = Collections.unmodifiableMap(new LinkedHashMap<>(heads));
  }

  /** Splits parameters under the names of training checkpoints. */
  public static ModelParts of(Map<String, NDArray> parameters) {
    Map<String, NDArray> backbone = new LinkedHashMap<>();
    Map<String, NDArray> heads = new LinkedHashMap<>();
    parameters.forEach(
        (name, value) -> {
          if (name.startsWith(BACKBONE)) {
            backbone.put(name.substring(BACKBONE.length()), value);
          } else {
            heads.put(name, value);
          }
        });
    return new ModelParts(backbone, heads);
  }
}
