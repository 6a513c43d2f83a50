package io.freshet.trainer.loss;

/** How the teacher's logits become targets without collapsing to a few prototypes. */
public enum Centering {
  /** Softmax of the logits less their running mean: DINO's, and the default of small recipes. */
  SOFTMAX,
  /**
   * Three Sinkhorn-Knopp turns over the batch, as SwAV: the recipe of the published large models.
   */
  SINKHORN_KNOPP
}
