package io.freshet.vision.weights;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What DINOv2's training writes: a teacher's backbone with its heads, {@code {"teacher":
 * {"backbone.*", "dino_head.*", "ibot_head.*"}}}. A bare backbone is one without heads.
 *
 * @param backbone under the official names, blocks numbered through
 * @param heads by name, {@code dino_head} and {@code ibot_head} where they exist; inside, names
 *     such as {@code mlp.0.weight} and {@code last_layer.weight_v}
 */
public record TrainingCheckpoint(StateDict backbone, Map<String, StateDict> heads) {

  /** The names of heads. */
  public static final List<String> HEADS = List.of("dino_head", "ibot_head");

  private static final String BACKBONE = "backbone.";
  private static final Pattern CHUNKED = Pattern.compile("blocks\\.\\d+\\.(\\d+)\\.(.+)");
  private static final List<String> BACKBONE_PREFIXES =
      List.of("teacher.backbone.", "teacher.module.backbone.", BACKBONE, "model.", "");

  public TrainingCheckpoint {
    heads = Map.copyOf(heads);
  }

  /**
   * The backbone and the heads among {@code tensors}. Chunked blocks ({@code
   * blocks.<chunk>.<index>.}) are renumbered; of a student beside the teacher, nothing is taken.
   *
   * @throws IllegalArgumentException when there is no backbone
   */
  public static TrainingCheckpoint of(StateDict tensors) {
    for (String prefix : BACKBONE_PREFIXES) {
      if (tensors.has(prefix + "cls_token")) {
        StateDict.Builder renamed = StateDict.builder();
        tensors
            .under(prefix)
            .tensors()
            .forEach((name, tensor) -> renamed.put(unchunked(name), tensor));
        return new TrainingCheckpoint(renamed.build(), heads(tensors, prefix));
      }
    }
    throw new IllegalArgumentException(
        "the checkpoint holds no backbone: no cls_token, bare or under one of "
            + BACKBONE_PREFIXES
            + " among "
            + tensors.size()
            + " tensors; give a DINOv2 backbone or a checkpoint of its training");
  }

  private static String unchunked(String name) {
    Matcher m = CHUNKED.matcher(name);
    return m.matches() ? "blocks." + m.group(1) + "." + m.group(2) : name;
  }

  private static Map<String, StateDict> heads(StateDict tensors, String backbonePrefix) {
    Map<String, StateDict> heads = new LinkedHashMap<>();
    if (backbonePrefix.endsWith(BACKBONE)) {
      String teacher = backbonePrefix.substring(0, backbonePrefix.length() - BACKBONE.length());
      for (String head : HEADS) {
        StateDict found = tensors.under(teacher + head + ".");
        if (found.size() > 0) {
          heads.put(head, found);
        }
      }
    }
    return heads;
  }

  /** All tensors under the names of a checkpoint's {@code teacher}, the backbone first. */
  public StateDict tensors() {
    StateDict.Builder all = StateDict.builder();
    backbone.tensors().forEach((name, tensor) -> all.put(BACKBONE + name, tensor));
    for (String head : HEADS) {
      if (heads.containsKey(head)) {
        heads.get(head).tensors().forEach((name, tensor) -> all.put(head + "." + name, tensor));
      }
    }
    return all.build();
  }
}
