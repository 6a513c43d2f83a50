package io.freshet.trainer.loss;

import java.io.Serializable;

/**
 * A projection head: an MLP to a bottleneck, then weight-normalised prototypes.
 *
 * @param prototypes outputs (K)
 * @param hiddenDim width of the MLP's hidden layers
 * @param bottleneckDim width of what is compared with the prototypes
 * @param layers linear layers of the MLP
 */
public record HeadConfig(int prototypes, int hiddenDim, int bottleneckDim, int layers)
    implements Serializable {

  public HeadConfig {
    if (prototypes < 1 || hiddenDim < 1 || bottleneckDim < 1 || layers < 1) {
      throw new IllegalArgumentException(
          "a head needs at least one prototype, hidden unit, bottleneck unit and layer, not "
              + "prototypes %d, hidden_dim %d, bottleneck_dim %d, layers %d"
                  .formatted(prototypes, hiddenDim, bottleneckDim, layers));
    }
  }
}
