package io.freshet.trainer.loss;

import io.freshet.vision.model.ParameterInitialization;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The parameters of a head under their checkpoint names, as DINOv2 initialises them: linear weights
 * normal with standard deviation 0.02, biases 0, prototype directions uniform in
 * ±1/sqrt(bottleneck) and prototype lengths 1.
 */
public final class HeadParameters {

  private static final double LINEAR_DEVIATION = 0.02;

  private HeadParameters() {}

  /** Shapes by name, in the order of the original. */
  public static Map<String, List<Long>> shapes(String prefix, long inputDim, HeadConfig config) {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    long in = inputDim;
    for (int layer = 0; layer < config.layers(); layer++) {
      boolean last = layer == config.layers() - 1;
      long out = last ? config.bottleneckDim() : config.hiddenDim();
      String name = config.layers() == 1 ? prefix + "mlp" : prefix + "mlp." + 2 * layer;
      shapes.put(name + ".weight", List.of(out, in));
      shapes.put(name + ".bias", List.of(out));
      in = out;
    }
    long prototypes = config.prototypes();
    shapes.put(prefix + "last_layer.weight_g", List.of(prototypes, 1L));
    shapes.put(prefix + "last_layer.weight_v", List.of(prototypes, in));
    return shapes;
  }

  /** First values of the parameter {@code name}; equal seeds give equal values. */
  public static float[] initial(String name, List<Long> shape, long seed) {
    int size = Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact));
    if (name.endsWith("weight_g")) {
      float[] lengths = new float[size];
      Arrays.fill(lengths, 1);
      return lengths;
    } else if (name.endsWith("weight_v")) {
      double bound = 1 / Math.sqrt((double) shape.get(1));
      return ParameterInitialization.uniform(size, bound, seed, name);
    } else if (name.endsWith(".bias")) {
      return new float[size];
    }
    return ParameterInitialization.normal(size, LINEAR_DEVIATION, seed, name);
  }
}
