package io.freshet.trainer.evaluate.measure;

import io.freshet.trainer.evaluate.EvaluationProgress;
import io.freshet.trainer.evaluate.KnnEvaluation;
import io.freshet.trainer.evaluate.LabelledFeatures;
import io.freshet.trainer.evaluate.ProbesConfig;
import io.freshet.trainer.evaluate.SetFeatures;
import io.freshet.trainer.evaluate.geometry.FeatureGeometry;
import io.freshet.trainer.evaluate.probe.FeatureRange;
import io.freshet.trainer.evaluate.probe.LinearSweep;
import io.freshet.trainer.evaluate.probe.LinearSweepConfig;
import io.freshet.trainer.evaluate.probe.LogisticSweep;
import io.freshet.trainer.evaluate.retrieval.CosineRanking;
import io.freshet.trainer.evaluate.retrieval.Relevance;
import io.freshet.trainer.evaluate.retrieval.Relevance.Protocol;
import io.freshet.trainer.evaluate.retrieval.RetrievalScore;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * What probes make of the features that a model gave of EVALUATION sets: classifiers learn from the
 * bank and are asked the queries. A set that a measure can't be taken of (one class, a single bank
 * image, no image of any query's class) has no number. One thread at a time.
 */
public final class SetProbes {
  /** Bounds the matrix of all pairs. */
  private static final int MAX_PAIRED = 2_048;

  /** Bounds the matrix of confusions. */
  private static final int MAX_PICTURED_CLASSES = 1_000;

  /** DINOv2's largest k. */
  private static final int CURVE_K = 200;

  private final TorchScriptLibrary library;
  private final ProbesConfig config;
  private final long seed;
  private final Runnable watch;
  private final EvaluationProgress progress;

  /**
   * @param library of {@link io.freshet.trainer.evaluate.torch.EvaluationScripts}; stays the
   *     caller's
   * @param seed chooses the held-out images, first weights and mini-batches; the same for all
   *     releases that are compared
   * @param watch is run again and again; what it throws ends the work
   */
  public SetProbes(TorchScriptLibrary library, ProbesConfig config, long seed, Runnable watch) {
    this.library = library;
    this.config = config;
    this.seed = seed;
    this.watch = watch;
    this.progress = (phase, done, total) -> watch.run();
  }

  /**
   * Accuracy of logistic regression by set, 0..1: C is a power of ten, chosen on a held-out tenth.
   */
  public Map<String, Double> logregTop1(List<SetFeatures> features) {
    return config.logisticRegression() ? bySet(features, this::logistic) : Map.of();
  }

  /** Accuracy of the linear probe by set, 0..1: the best learning rate on a held-out tenth. */
  public Map<String, Double> linearTop1(List<SetFeatures> features) {
    return config.linearSteps() > 0 ? bySet(features, this::linear) : Map.of();
  }

  /** Mean average precision by set, 0..1: a query ought to find the bank's images of its class. */
  public Map<String, Double> retrievalMap(List<SetFeatures> features) {
    return config.retrieval() ? bySet(features, this::retrieval) : Map.of();
  }

  /** Uniformity of the bank by set, -8 to 0; lower is more even. */
  public Map<String, Double> uniformity(List<SetFeatures> features) {
    FeatureGeometry geometry = new FeatureGeometry(library);
    return bySet(
        features,
        set ->
            set.bank().length < 2
                ? Optional.empty()
                : Optional.of(
                    geometry.uniformity(
                        Arrays.asList(set.bank())
                            .subList(0, Math.min(MAX_PAIRED, set.bank().length)))));
  }

  /**
   * How k-NN takes the queries for classes, by set; sets of more than a thousand classes are left
   * out, for nobody could read their picture.
   *
   * @param k neighbours that vote
   * @param temperature of their votes
   */
  public Map<String, Classification> classifications(
      List<SetFeatures> features, int k, double temperature) {
    int most = Math.max(k, CURVE_K);
    KnnEvaluation knn = new KnnEvaluation(most, temperature);
    Map<String, Classification> bySet = new TreeMap<>();
    for (SetFeatures all : features) {
      if (all.set().classes().size() > MAX_PICTURED_CLASSES) {
        continue;
      }
      watch.run();
      SetFeatures set = all.limited(config.bank(), config.queries());
      LabelledFeatures queries = set.queryFeatures();
      String classifier =
          "k-NN of %d, %,d queries of a bank of %,d"
              .formatted(k, queries.size(), set.bank().length);
      bySet.put(
          set.set().dataset(),
          Classification.ofNeighbours(
              set.set().classes(),
              classifier,
              knn.neighbours(set.bankFeatures(), queries),
              queries.labels(),
              k,
              most,
              List.of()));
    }
    return bySet;
  }

  private Map<String, Double> bySet(
      List<SetFeatures> features, Function<SetFeatures, Optional<Double>> measure) {
    Map<String, Double> values = new TreeMap<>();
    for (SetFeatures all : features) {
      watch.run();
      measure
          .apply(all.limited(config.bank(), config.queries()))
          .ifPresent(value -> values.put(all.set().dataset(), value));
    }
    return values;
  }

  private static boolean canBeLearned(SetFeatures set) {
    return set.bank().length >= 2 && set.set().classes().size() >= 2;
  }

  private Optional<Double> logistic(SetFeatures set) {
    if (!canBeLearned(set)) {
      return Optional.empty();
    }
    LabelledFeatures queries = set.queryFeatures();
    LogisticSweep.Outcome outcome =
        new LogisticSweep(library, LogisticSweep.DECADES, seed, progress)
            .run(set.bankFeatures(), set.set().classes().size());
    return Optional.of(
        accuracy(outcome.classifier().predictions(queries.features()), queries.labels()));
  }

  private Optional<Double> linear(SetFeatures set) {
    if (!canBeLearned(set)) {
      return Optional.empty();
    }
    LabelledFeatures bank = set.bankFeatures();
    LabelledFeatures queries = set.queryFeatures();
    FeatureRange classToken = new FeatureRange("class token", 0, bank.dim());
    LinearSweep.Outcome outcome =
        new LinearSweep(library, LinearSweepConfig.ofSteps(config.linearSteps()), seed, progress)
            .run(bank, queries, set.set().classes().size(), List.of(classToken));
    return Optional.of(accuracy(outcome.predictions(), queries.labels()));
  }

  private static double accuracy(int[] predictions, int[] labels) {
    long right = IntStream.range(0, labels.length).filter(i -> predictions[i] == labels[i]).count();
    return (double) right / labels.length;
  }

  private Optional<Double> retrieval(SetFeatures set) {
    CosineRanking ranking = new CosineRanking(set.bank());
    int[] labels = set.queryFeatures().labels();
    Map<Integer, Set<Integer>> byClass = new HashMap<>();
    int[] bankLabels = set.bankFeatures().labels();
    IntStream.range(0, bankLabels.length)
        .forEach(i -> byClass.computeIfAbsent(bankLabels[i], label -> new HashSet<>()).add(i));
    Map<Integer, Relevance> relevance = new HashMap<>();
    byClass.forEach((label, same) -> relevance.put(label, new Relevance(same, Set.of(), Set.of())));
    Relevance nothing = new Relevance(Set.of(), Set.of(), Set.of());
    return RetrievalScore.of(
            labels.length,
            query -> ranking.of(set.queries()[query]),
            query -> relevance.getOrDefault(labels[query], nothing),
            Protocol.EASY)
        .map();
  }
}
