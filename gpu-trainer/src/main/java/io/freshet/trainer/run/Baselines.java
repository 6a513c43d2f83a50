package io.freshet.trainer.run;

import io.freshet.trainer.evaluate.FeatureSource;
import io.freshet.trainer.evaluate.ModelMeasures;
import io.freshet.trainer.evaluate.RawPixels;
import io.freshet.trainer.evaluate.SetFeatures;
import io.freshet.trainer.release.Metrics;
import java.util.List;
import java.util.Map;

/** What a model is held against: raw pixels, the untrained network, the curation model. */
final class Baselines {
  private final ModelMeasures measures;

  Baselines(ModelMeasures measures) {
    this.measures = measures;
  }

  Map<String, Double> rawPixels() {
    return Metrics.named(
        Metrics.RAW_PIXELS_TOP1, measures.top1(measures.features(new RawPixels())));
  }

  Map<String, Double> centredPixels() {
    return Metrics.named(
        Metrics.CENTRED_PIXELS_TOP1, measures.centredTop1(measures.features(new RawPixels())));
  }

  Map<String, Double> untrained(List<SetFeatures> network) {
    return Metrics.named(Metrics.UNTRAINED_TOP1, measures.top1(network));
  }

  Map<String, Double> curation(FeatureSource embedder) {
    return Metrics.named(
        Metrics.CURATION_TOP1, measures.comparedTop1(measures.comparisonFeatures(embedder)));
  }
}
