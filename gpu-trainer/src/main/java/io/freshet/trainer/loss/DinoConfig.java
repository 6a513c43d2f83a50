package io.freshet.trainer.loss;

import java.io.Serializable;

/**
 * The loss between class tokens of different crops.
 *
 * @param weight factor in the total
 * @param head of the class tokens
 */
public record DinoConfig(double weight, HeadConfig head) implements Serializable {

  public DinoConfig {
    if (!(weight >= 0)) {
      throw new IllegalArgumentException("dino.weight must not be negative, not " + weight);
    }
  }
}
