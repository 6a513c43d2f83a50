package io.freshet.trainer.evaluate;

import io.freshet.vision.model.Preprocessing;
import io.freshet.vision.transform.EvalTransform;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;

/**
 * Section {@code trainer.evaluation}.
 *
 * @param required wait for EVALUATION seeds before the first step; otherwise train without them
 * @param settle how long no EVALUATION seed may have been added before they are read
 * @param neighbours k of k-NN, at least 1
 * @param temperature of the vote, above 0
 * @param resize shorter side before the centre crop, pixels, bicubic
 * @param crop side of the centre crop, pixels; a multiple of the patch
 * @param mean of the colour channels, each 0..1
 * @param std of the colour channels, each above 0
 * @param batchImages images of one forward pass, at least 1
 * @param maxBank labelled images of a set that are used at most; a fixed random choice
 * @param maxQueries queries of a set that are used at most; a fixed random choice
 * @param comparisonBank the same limit where a release is compared with the curation model
 * @param comparisonQueries the same limit where a release is compared with the curation model
 * @param probes what is measured of each release beside k-NN
 */
public record EvaluationConfig(
    boolean required,
    Duration settle,
    int neighbours,
    double temperature,
    int resize,
    int crop,
    List<Double> mean,
    List<Double> std,
    int batchImages,
    int maxBank,
    int maxQueries,
    int comparisonBank,
    int comparisonQueries,
    ProbesConfig probes)
    implements Serializable {
  public EvaluationConfig {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    if (settle.isNegative()) {
      throw new IllegalArgumentException(
          "trainer.evaluation.settle is " + settle + "; write 0s or more");
    }
    requirePositive("neighbours", neighbours);
    requirePositive("batch_images", batchImages);
    requirePositive("max_bank", maxBank);
    requirePositive("max_queries", maxQueries);
    requirePositive("comparison_bank", comparisonBank);
    requirePositive("comparison_queries", comparisonQueries);
    requirePositive("crop", crop);
    if (!(temperature > 0)) {
      throw new IllegalArgumentException(
          "trainer.evaluation.temperature is " + temperature + "; it must be above 0");
    }
    if (resize < crop) {
      throw new IllegalArgumentException(
          "trainer.evaluation.resize is %d, smaller than the crop of %d".formatted(resize, crop));
    }
    if (mean.size() != 3 || std.size() != 3 || std.stream().anyMatch(s -> !(s > 0))) {
      throw new IllegalArgumentException(
          "trainer.evaluation: mean %s and std %s need one number for each of 3 channels, std above 0"
              .formatted(mean, std));
    }
  }

  /** What our own models see. */
  public Preprocessing preprocessing() {
    return new Preprocessing(
        resize,
        crop,
        mean.stream().map(Double::floatValue).toList(),
        std.stream().map(Double::floatValue).toList());
  }

  /** What is left to do for images that were resized and cropped before. */
  EvalTransform normalisation() {
    Preprocessing all = preprocessing();
    return new Preprocessing(crop, crop, all.mean(), all.std()).transform();
  }

  private static void requirePositive(String key, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "trainer.evaluation." + key + " is " + value + "; it must be at least 1");
    }
  }
}
