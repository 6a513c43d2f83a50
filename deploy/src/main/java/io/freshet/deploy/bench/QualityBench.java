package io.freshet.deploy.bench;

import io.freshet.deploy.bench.QualityRun.Accuracy;
import io.freshet.deploy.demo.DemoImages;
import io.freshet.platform.config.Config;
import io.freshet.trainer.evaluate.EvaluationConfig;
import io.freshet.trainer.evaluate.RawPixels;
import io.freshet.trainer.evaluate.SetFeatures;
import io.freshet.trainer.schedule.ScheduleConfig;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code freshet bench quality}: whether training learns as much as the original does. */
@Command(
    name = "quality",
    description = {
      "Train from nothing and print k-NN top-1 beside the original's at the same number of images seen.",
      "Unless a profile is named, photos are trained with quality-photos, drawings with quality-drawings, both mixed with demo."
    },
    mixinStandardHelpOptions = true)
final class QualityBench implements Runnable {
  private static final String RECIPE = "trainer.recipe";

  @Mixin private BenchOptions options;

  @Mixin private TorchOptions torch = TorchOptions.allCores();

  @Option(
      names = "--set",
      paramLabel = "SET",
      converter = QualitySet.Converter.class,
      description = "photos, drawings or mixed; default: photos, then drawings.")
  private List<QualitySet> sets = List.of(QualitySet.PHOTOS, QualitySet.DRAWINGS);

  @Option(names = "--profile", paramLabel = "NAME", description = "Whose recipe is trained.")
  private Optional<String> profile = Optional.empty();

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      description = "One setting over the profile, such as trainer.recipe.losses.koleo_weight=0.3.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(
      names = "--images",
      description =
          "Images to see, where a cosine ends; default: those of the original's last reading, or 16,000.")
  private Optional<Long> images = Optional.empty();

  @Option(names = "--seeds", defaultValue = "3", description = "Trainings; default: 3.")
  private int seeds;

  @Option(names = "--first-seed", defaultValue = "1", description = "Default: 1.")
  private long firstSeed;

  @Override
  public void run() {
    TorchRuntime runtime = torch.start();
    Figures figures = torch.put(new Figures(), runtime).put("seeds", seeds);
    try (TorchScriptLibrary scripts = torch.scripts(runtime)) {
      for (QualitySet set : sets) {
        figures.put(set.key(), measure(set, scripts));
      }
    }
    options.report(figures);
  }

  private Map<String, Object> measure(QualitySet set, TorchScriptLibrary scripts) {
    String name = profile.orElse(set.profile());
    Config config = config(name, set);
    EvaluationConfig evaluation = config.section("trainer.evaluation", EvaluationConfig.class);
    QualitySet.Content content;
    try (DemoImages archives = BenchImages.open()) {
      content = set.load(archives, evaluation);
    }
    QualityTrial trial =
        new QualityTrial(recipe(config), evaluation, content, scripts, options.out());
    NavigableMap<Long, List<Accuracy>> readings = new TreeMap<>();
    for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
      trial
          .train(seed, readings(set))
          .forEach((at, read) -> readings.computeIfAbsent(at, n -> new ArrayList<>()).add(read));
    }
    List<SetFeatures> pixels = trial.measures().features(new RawPixels());
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("profile", name);
    figures.put("settings", new TreeMap<>(settings));
    figures.put("raw_pixels_percent", QualityRun.percent(trial.measures().top1(pixels)));
    figures.put(
        "raw_pixels_centred_percent", QualityRun.percent(trial.measures().centredTop1(pixels)));
    readings.forEach(
        (at, accuracies) -> figures.put("at_" + at + "_images", reading(set, at, accuracies)));
    return figures;
  }

  private static TrainingConfig recipe(Config config) {
    return config.section(RECIPE, TrainingConfig.class);
  }

  /** The profile with what was asked for; a cosine ends with the training. */
  private Config config(String name, QualitySet set) {
    Config config = Config.defaults().profile(name).with(settings);
    TrainingConfig recipe = recipe(config);
    boolean ends = recipe.schedule().shape() == ScheduleConfig.Shape.COSINE;
    long steps = QualityTrial.stepsTo(lastReading(set), recipe);
    return ends ? config.with(RECIPE + ".schedule.steps", Long.toString(steps)) : config;
  }

  private long lastReading(QualitySet set) {
    return images.orElse(set.readings().last());
  }

  /** The original's, as far as they are reached, and the end. */
  private NavigableSet<Long> readings(QualitySet set) {
    NavigableSet<Long> readings = new TreeSet<>(set.readings().headSet(lastReading(set), true));
    readings.add(lastReading(set));
    return readings;
  }

  private static Map<String, Object> reading(QualitySet set, long at, List<Accuracy> accuracies) {
    Map<String, Object> byDataset = new LinkedHashMap<>();
    for (String dataset : accuracies.get(0).percent().keySet()) {
      Map<String, Object> figures = new LinkedHashMap<>();
      Spread percent = Spread.of(accuracies, read -> read.percent().get(dataset));
      figures.put("knn_percent", percent.mean());
      figures.put("knn_deviation", percent.deviation());
      figures.put("knn_percent_by_seed", percent.bySeed());
      figures.put(
          "knn_centred_percent",
          Spread.of(accuracies, read -> read.centredPercent().get(dataset)).mean());
      set.original(at).ifPresent(value -> figures.put("original_percent", value));
      byDataset.put(dataset, figures);
    }
    return byDataset;
  }
}
