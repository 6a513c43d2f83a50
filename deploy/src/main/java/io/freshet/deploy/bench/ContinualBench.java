package io.freshet.deploy.bench;

import io.freshet.deploy.demo.DemoImages;
import io.freshet.platform.config.Config;
import io.freshet.trainer.data.ReplayConfig;
import io.freshet.trainer.evaluate.EvaluationConfig;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code freshet bench continual}: what a stream whose classes arrive in turn makes forgotten. */
@Command(
    name = "continual",
    description = {
      "Train on photographs that arrive in phases, without and with replay and beside a mixed stream, and print what is known of each phase after each.",
      "The recipe is that of profile quality-photos with the schedules and the buffer of bench-continual."
    },
    mixinStandardHelpOptions = true)
final class ContinualBench implements Runnable {
  @Mixin private BenchOptions options;

  @Mixin private TorchOptions torch = TorchOptions.allCores();

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      description = "One setting over the profiles, such as trainer.replay.fresh_share=0.3.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(
      names = "--phases",
      defaultValue = "3",
      description = "Phases in which the 33 photographs arrive; default: ${DEFAULT-VALUE}.")
  private int phases;

  @Option(
      names = "--images",
      defaultValue = "7680",
      description = "Images that each training sees; default: ${DEFAULT-VALUE}.")
  private long images;

  @Option(
      names = "--seeds",
      defaultValue = "3",
      description =
          "Trainings of each kind, which also differ in the order of the photographs; default: ${DEFAULT-VALUE}.")
  private int seeds;

  @Option(names = "--first-seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private long firstSeed;

  @Override
  public void run() {
    Config config = config();
    TrainingConfig recipe = config.section("trainer.recipe", TrainingConfig.class);
    ReplayConfig replay = config.section("trainer.replay", ReplayConfig.class);
    long stepsOfPhase = QualityTrial.stepsTo(images, recipe) / phases;
    TorchRuntime runtime = torch.start();
    Figures figures =
        torch
            .put(new Figures(), runtime)
            .put("settings", new TreeMap<>(settings))
            .put("seeds", seeds)
            .put("phases", phases)
            .put("images_per_phase", stepsOfPhase * recipe.batchImages())
            .put("fresh_capacity", replay.freshCapacity())
            .put("balanced_capacity", replay.balancedCapacity())
            .put("fresh_share", replay.freshShare());
    EvaluationConfig evaluation = config.section("trainer.evaluation", EvaluationConfig.class);
    try (TorchScriptLibrary scripts = torch.scripts(runtime)) {
      ContinualTrial trial =
          new ContinualTrial(
              recipe,
              replay,
              evaluation,
              photos(evaluation),
              phases,
              stepsOfPhase,
              scripts,
              options.out());
      measure(trial, figures);
    }
    options.report(figures);
  }

  private Config config() {
    return Config.defaults().profile("quality-photos").profile("bench-continual").with(settings);
  }

  private static QualityData photos(EvaluationConfig evaluation) {
    try (DemoImages archives = BenchImages.open()) {
      return QualityData.photos(archives, evaluation);
    }
  }

  private void measure(ContinualTrial trial, Figures figures) {
    List<double[]> untrained = new ArrayList<>();
    Map<ContinualArm, List<AccuracyMatrix>> trained = new EnumMap<>(ContinualArm.class);
    for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
      untrained.add(trial.untrained(seed));
      for (ContinualArm arm : ContinualArm.values()) {
        AccuracyMatrix matrix = trial.train(arm, seed);
        trained.computeIfAbsent(arm, a -> new ArrayList<>()).add(matrix);
        say(arm, seed, matrix);
      }
    }
    figures.put("untrained_knn_percent_by_phase", means(untrained));
    trained.forEach((arm, matrices) -> figures.put(arm.key(), figures(matrices)));
    figures.put("replay_gain", gain(trained));
  }

  private void say(ContinualArm arm, long seed, AccuracyMatrix matrix) {
    options
        .out()
        .println(
            String.format(
                Locale.ROOT,
                "%s, seed %d: average accuracy %.1f %%, forgetting %.1f points; by phase %s",
                arm.key(),
                seed,
                matrix.averageAccuracy(),
                matrix.forgetting(),
                shown(matrix)));
    options.out().flush();
  }

  /** Row by row. */
  private static String shown(AccuracyMatrix matrix) {
    return Arrays.stream(matrix.percent())
        .map(
            row ->
                Arrays.stream(row)
                    .mapToObj(percent -> String.format(Locale.ROOT, "%.1f", percent))
                    .collect(Collectors.joining(" ")))
        .collect(Collectors.joining(", "));
  }

  private static Map<String, Object> figures(List<AccuracyMatrix> matrices) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("average_accuracy_percent", figures(matrices, AccuracyMatrix::averageAccuracy));
    figures.put("forgetting_points", figures(matrices, AccuracyMatrix::forgetting));
    figures.put("backward_transfer_points", figures(matrices, AccuracyMatrix::backwardTransfer));
    Map<String, Object> rows = new LinkedHashMap<>();
    for (int phase = 0; phase < matrices.get(0).phases(); phase++) {
      int row = phase;
      rows.put(
          "after_phase_" + (phase + 1),
          means(matrices.stream().map(matrix -> matrix.percent()[row]).toList()));
    }
    figures.put("knn_percent_by_phase", rows);
    return figures;
  }

  /** What replay changes, seed by seed. */
  private static Map<String, Object> gain(Map<ContinualArm, List<AccuracyMatrix>> trained) {
    List<AccuracyMatrix> without = trained.get(ContinualArm.WITHOUT_REPLAY);
    List<AccuracyMatrix> with = trained.get(ContinualArm.WITH_REPLAY);
    List<Integer> seeds = IntStream.range(0, with.size()).boxed().toList();
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put(
        "average_accuracy_points",
        figures(seeds, i -> with.get(i).averageAccuracy() - without.get(i).averageAccuracy()));
    figures.put(
        "forgetting_points",
        figures(seeds, i -> with.get(i).forgetting() - without.get(i).forgetting()));
    return figures;
  }

  private static <T> Map<String, Object> figures(List<T> trainings, ToDoubleFunction<T> figure) {
    Spread spread = Spread.of(trainings, figure);
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("mean", spread.mean());
    figures.put("deviation", spread.deviation());
    figures.put("by_seed", spread.bySeed());
    return figures;
  }

  /** Column by column. */
  private static double[] means(List<double[]> rows) {
    return IntStream.range(0, rows.get(0).length)
        .mapToDouble(column -> Spread.of(rows, row -> row[column]).mean())
        .toArray();
  }
}
