package io.freshet.trainer.evaluate.model;

import io.freshet.trainer.evaluate.probe.FeatureRange;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.model.Preprocessing;
import java.util.List;

/** A model that turns prepared images into features. One thread at a time; the opener closes it. */
public sealed interface EvaluatedModel extends AutoCloseable permits BackboneModel, EmbedderModel {
  /** What it is, for people. */
  String description();

  /** How an image is prepared for it; {@code preprocessing().transform().pixels} does it. */
  Preprocessing preprocessing();

  /**
   * All that its probes see of each image, one vector an image.
   *
   * @param crops prepared images
   */
  float[][] features(List<RgbImage> crops);

  /** The part of {@link #features} that nearest neighbours are searched with. */
  FeatureRange embedding();

  /** The parts of {@link #features} that linear classifiers are tried on, at least one. */
  List<FeatureRange> probeInputs();

  @Override
  void close();
}
