package io.freshet.trainer.evaluate;

import java.util.List;

/** Turns images of an evaluation set into vectors. */
@FunctionalInterface
public interface FeatureSource {
  /** One vector an image, all of one length, in the order of the images. */
  float[][] features(List<EvaluationImage> images);
}
