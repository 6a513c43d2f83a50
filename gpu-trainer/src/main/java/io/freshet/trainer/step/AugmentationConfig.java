package io.freshet.trainer.step;

import io.freshet.vision.transform.ColourJitter;
import io.freshet.vision.transform.MultiCropConfig;
import io.freshet.vision.transform.MultiCropConfig.View;
import io.freshet.vision.transform.Normalisation;
import java.io.Serializable;

/**
 * Config section {@code trainer.recipe.augmentation}: what is done to a crop after it was cut.
 * Every change that is made to one crop of an image and not to another is one that the features
 * learn to overlook.
 *
 * @param flipProbability of mirroring left to right
 * @param jitter of brightness, contrast, saturation and hue
 * @param greyscaleProbability of losing all colour
 * @param blur of each kind of crop
 * @param solarizeProbability on the second global crop alone
 * @param solarizeThreshold samples from here on are inverted, 0 to 256
 */
public record AugmentationConfig(
    double flipProbability,
    Jitter jitter,
    double greyscaleProbability,
    Blur blur,
    double solarizeProbability,
    int solarizeThreshold)
    implements Serializable {

  /**
   * Config section {@code trainer.recipe.augmentation.jitter}.
   *
   * @param brightness factors are uniform in 1 - this to 1 + this, not below 0
   * @param contrast likewise
   * @param saturation likewise
   * @param hue turns are uniform in -this to this, at most 0.5
   * @param probability that a crop is changed at all
   */
  public record Jitter(
      double brightness, double contrast, double saturation, double hue, double probability)
      implements Serializable {
    public Jitter {
      new ColourJitter(brightness, contrast, saturation, hue, probability);
    }

    ColourJitter transform() {
      return new ColourJitter(brightness, contrast, saturation, hue, probability);
    }
  }

  /**
   * Config section {@code trainer.recipe.augmentation.blur}: a Gaussian.
   *
   * @param kernel pixels of a side, odd, less than twice the side of every crop
   * @param minSigma smallest deviation in pixels
   * @param maxSigma largest deviation
   * @param firstGlobalProbability of blurring the first global crop
   * @param secondGlobalProbability of blurring the second
   * @param localProbability of blurring a local one
   */
  public record Blur(
      int kernel,
      double minSigma,
      double maxSigma,
      double firstGlobalProbability,
      double secondGlobalProbability,
      double localProbability)
      implements Serializable {
    public Blur {
      new MultiCropConfig.Blur(
          kernel,
          minSigma,
          maxSigma,
          firstGlobalProbability,
          secondGlobalProbability,
          localProbability);
    }

    MultiCropConfig.Blur transform() {
      return new MultiCropConfig.Blur(
          kernel,
          minSigma,
          maxSigma,
          firstGlobalProbability,
          secondGlobalProbability,
          localProbability);
    }
  }

  /** These changes on the views of {@code crops}, normalised as ImageNet is. */
  MultiCropConfig of(CropsConfig crops) {
    return new MultiCropConfig(
        new View(crops.globalSize(), crops.globalMinScale(), crops.globalMaxScale()),
        new View(crops.localSize(), crops.localMinScale(), crops.localMaxScale()),
        crops.localCount(),
        flipProbability,
        jitter.transform(),
        greyscaleProbability,
        blur.transform(),
        solarizeProbability,
        solarizeThreshold,
        Normalisation.IMAGENET);
  }
}
