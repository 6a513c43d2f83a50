package io.freshet.trainer.evaluate;

import io.freshet.trainer.evaluate.geometry.FeatureGeometry;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Measures feature sources on all evaluation sets. Immutable and thread-safe. */
public final class ModelMeasures {
  /** Bounds the singular values' cost, which grows with its square. */
  private static final int MAX_RANKED = 2_048;

  private final List<EvaluationSet> sets;
  private final EvaluationConfig config;
  private final KnnEvaluation knn;

  public ModelMeasures(List<EvaluationSet> sets, EvaluationConfig config) {
    this.sets = List.copyOf(sets);
    this.config = config;
    this.knn = new KnnEvaluation(config.neighbours(), config.temperature());
  }

  public List<EvaluationSet> sets() {
    return sets;
  }

  /** What a model makes of all sets. */
  public List<SetFeatures> features(FeatureSource source) {
    return sets.stream().map(set -> SetFeatures.of(set, source)).toList();
  }

  /** What a model makes of the limited sets on which models are compared. */
  public List<SetFeatures> comparisonFeatures(FeatureSource source) {
    return sets.stream()
        .map(
            set ->
                SetFeatures.of(
                    set.limited(config.comparisonBank(), config.comparisonQueries()), source))
        .toList();
  }

  /** Top-1 accuracy of k-NN by set. */
  public Map<String, Double> top1(List<SetFeatures> features) {
    return bySet(features, set -> set.score(knn).top1());
  }

  /** The same with the bank's mean subtracted. */
  public Map<String, Double> centredTop1(List<SetFeatures> features) {
    return bySet(features, set -> set.centredScore(knn).top1());
  }

  /** Top-1 accuracy of k-NN by set, on the limited sets, of features of all. */
  public Map<String, Double> comparedTop1(List<SetFeatures> features) {
    return bySet(
        features,
        set -> set.limited(config.comparisonBank(), config.comparisonQueries()).score(knn).top1());
  }

  /** RankMe of the bank by set, of its first vectors. */
  public Map<String, Double> rankme(List<SetFeatures> features, FeatureGeometry geometry) {
    return bySet(
        features,
        set ->
            geometry.rankme(
                Arrays.asList(set.bank()).subList(0, Math.min(MAX_RANKED, set.bank().length))));
  }

  private static Map<String, Double> bySet(
      List<SetFeatures> features, Function<SetFeatures, Double> measure) {
    Map<String, Double> values = new TreeMap<>();
    features.forEach(set -> values.put(set.set().dataset(), measure.apply(set)));
    return values;
  }
}
