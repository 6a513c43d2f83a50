package io.freshet.vision.model;

import ai.djl.ndarray.types.Shape;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;

/**
 * The initial values of DINOv2's parameters, drawn from a seed: linear weights and {@code
 * pos_embed} from a normal distribution of deviation 0.02, class and register tokens of 1e-6, the
 * patch projection uniform within 1/sqrt(fan-in), biases and the mask token zero, norms one,
 * LayerScale constant. Each parameter has its own stream, so one model's values do not depend on
 * the order of its names.
 *
 * <p>The reference truncates its normals at +-2, a hundred deviations away, which no draw reaches.
 */
public final class ParameterInitialization {

  private static final double LINEAR_DEVIATION = 0.02;
  private static final double TOKEN_DEVIATION = 1e-6;

  private ParameterInitialization() {}

  /** The values of the backbone parameter {@code name}, row-major. */
  public static float[] backbone(
      VisionTransformerConfig config, String name, Shape shape, long seed) {
    int size = Math.toIntExact(shape.size());
    if (name.startsWith("patch_embed.proj.")) {
      double bound = 1 / Math.sqrt(3.0 * config.patchSize() * config.patchSize());
      return uniform(size, bound, seed, name);
    } else if (name.equals("cls_token") || name.equals("register_tokens")) {
      return normal(size, TOKEN_DEVIATION, seed, name);
    } else if (name.endsWith(".gamma")) {
      return constant(size, (float) config.layerScaleInit());
    } else if (name.endsWith(".bias") || name.equals("mask_token")) {
      return new float[size];
    } else if (name.contains("norm")) {
      return constant(size, 1);
    }
    return normal(size, LINEAR_DEVIATION, seed, name);
  }

  /** Normal values of the given deviation and mean 0. */
  public static float[] normal(int size, double deviation, long seed, String name) {
    Random random = stream(seed, name);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (random.nextGaussian() * deviation);
    }
    return values;
  }

  /** Uniform values in (-bound, bound). */
  public static float[] uniform(int size, double bound, long seed, String name) {
    Random random = stream(seed, name);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
    }
    return values;
  }

  private static float[] constant(int size, float value) {
    float[] values = new float[size];
    Arrays.fill(values, value);
    return values;
  }

  private static Random stream(long seed, String name) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    return new Random(seed * 0x9E3779B97F4A7C15L + crc.getValue());
  }
}
