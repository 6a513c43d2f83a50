package io.freshet.platform.registry;

import io.freshet.schemas.TopicOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a publisher says about a release; the registry adds name, version, time and digests.
 *
 * @param architecture such as {@code dinov2_vits14}
 * @param dim length of its features
 * @param patch side of a patch in pixels; 0 for models without patches
 * @param imageSize side of the images it was made for, pixels
 * @param runId training run
 * @param step optimiser steps behind it
 * @param imagesSeen samples behind it
 * @param offsets next offsets to read of what it was trained on
 * @param metrics measured on EVALUATION seeds; finite
 * @param parents the releases it started from or was distilled from
 * @param embedding how to turn its output into features, as JSON: text, numbers, truth values,
 *     lists and maps
 * @param licence SPDX expression
 * @param adapters maps from and to the spaces of earlier releases, each a file of this one
 */
public record Release(
    String architecture,
    int dim,
    int patch,
    int imageSize,
    String runId,
    long step,
    long imagesSeen,
    List<TopicOffset> offsets,
    Map<String, Double> metrics,
    List<ModelVersion> parents,
    Map<String, Object> embedding,
    String licence,
    List<ReleasedAdapter> adapters) {
  public Release {
    requireText("architecture", architecture);
    requireText("run_id", runId);
    requireText("licence", licence);
    requireAtLeast("dim", dim, 1);
    requireAtLeast("patch", patch, 0);
    requireAtLeast("image_size", imageSize, 1);
    requireAtLeast("step", step, 0);
    requireAtLeast("images_seen", imagesSeen, 0);
    offsets = List.copyOf(offsets);
    metrics = JsonValues.numbers("metrics", metrics);
    parents = List.copyOf(parents);
    embedding = JsonValues.object("embedding", embedding);
    adapters = List.copyOf(adapters);
  }

  /** Without adapters. */
  public Release(
      String architecture,
      int dim,
      int patch,
      int imageSize,
      String runId,
      long step,
      long imagesSeen,
      List<TopicOffset> offsets,
      Map<String, Double> metrics,
      List<ModelVersion> parents,
      Map<String, Object> embedding,
      String licence) {
    this(
        architecture,
        dim,
        patch,
        imageSize,
        runId,
        step,
        imagesSeen,
        offsets,
        metrics,
        parents,
        embedding,
        licence,
        List.of());
  }

  /** The same release with other metrics. */
  public Release withMetrics(Map<String, Double> others) {
    return new Release(
        architecture,
        dim,
        patch,
        imageSize,
        runId,
        step,
        imagesSeen,
        offsets,
        others,
        parents,
        embedding,
        licence,
        adapters);
  }

  private static void requireText(String what, String text) {
    if (Objects.requireNonNull(text, what).isBlank() || text.length() > 200) {
      throw new IllegalArgumentException(
          "%s of a release has %d characters, must have 1 to 200 that aren't all blank"
              .formatted(what, text.length()));
    }
  }

  private static void requireAtLeast(String what, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "%s of a release is %d, must be at least %d".formatted(what, value, least));
    }
  }
}
