package io.freshet.trainer.optim;

import io.freshet.trainer.schedule.StepSettings;

/**
 * How the schedules' values apply to a parameter, read off its checkpoint name. Equal roles make
 * one optimizer group.
 *
 * @param module first part of the name: backbone, dino_head or ibot_head, the unit of clipping
 * @param learningRateMultiplier layer-wise decay and the patch embedding's factor
 * @param weightDecayMultiplier 0 for biases, norms and LayerScale, else 1
 * @param lastLayer the prototypes, which have a learning rate schedule of their own
 */
public record ParameterRole(
    String module, double learningRateMultiplier, double weightDecayMultiplier, boolean lastLayer) {

  /**
   * The role of {@code name}, for example {@code backbone.blocks.3.attn.qkv.weight}, in a model
   * whose backbone has {@code depth} blocks. Chunked names ({@code blocks.CHUNK.INDEX}) are
   * understood.
   */
  public static ParameterRole of(String name, int depth, OptimizerConfig config) {
    int dot = name.indexOf('.');
    if (dot < 1) {
      throw new IllegalArgumentException(
          "parameter " + name + " has no module; expected backbone.*, dino_head.* or ibot_head.*");
    }
    String module = name.substring(0, dot);
    double multiplier = 1;
    if (module.equals("backbone")) {
      multiplier = Math.pow(config.layerwiseDecay(), depth + 1 - layer(name, depth));
      if (name.contains("patch_embed")) {
        multiplier *= config.patchEmbedMultiplier();
      }
    }
    boolean decays = !(name.endsWith(".bias") || name.contains("norm") || name.contains("gamma"));
    return new ParameterRole(module, multiplier, decays ? 1 : 0, name.contains("last_layer"));
  }

  public double learningRate(StepSettings settings) {
    double base = lastLayer ? settings.lastLayerLearningRate() : settings.learningRate();
    return base * learningRateMultiplier;
  }

  public double weightDecay(StepSettings settings) {
    return settings.weightDecay() * weightDecayMultiplier;
  }

  /** 0 for what comes before the blocks, i + 1 for block i, depth + 1 for what comes after. */
  private static int layer(String name, int depth) {
    String[] parts = name.split("\\.", -1);
    int layer =
        switch (parts[1]) {
          case "cls_token", "pos_embed", "mask_token", "register_tokens", "patch_embed" -> 0;
          default -> depth + 1;
        };
    if (parts[1].equals("blocks")) {
      for (int i = 2; i < parts.length && isIndex(parts[i]); i++) {
        layer = Integer.parseInt(parts[i]) + 1;
      }
    }
    return layer;
  }

  private static boolean isIndex(String part) {
    return !part.isEmpty() && part.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
