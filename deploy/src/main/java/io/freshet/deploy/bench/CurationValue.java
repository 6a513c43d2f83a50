package io.freshet.deploy.bench;

import io.freshet.curator.CuratorConfig;
import io.freshet.dedup.DedupConfig;
import io.freshet.deploy.bench.PollutedStream.Item;
import io.freshet.deploy.bench.PollutedStream.Kind;
import io.freshet.deploy.bench.PollutedStream.Pollution;
import io.freshet.deploy.bench.QualityRun.Accuracy;
import io.freshet.deploy.demo.DemoImages;
import io.freshet.platform.config.Config;
import io.freshet.trainer.evaluate.EvaluationConfig;
import io.freshet.trainer.evaluate.EvaluationSet;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What curation is worth: the same training, of as many steps, on a polluted stream as it comes and
 * on what deduplication and curation leave of it.
 *
 * @param config recipe, evaluation, deduplication and curation
 * @param pollution four fifths of the stream
 * @param seen images that each training sees
 * @param trainings of each, with different seeds
 */
record CurationValue(
    Config config, Pollution pollution, long seen, int trainings, PrintWriter out) {
  private static final String RECIPE = "trainer.recipe";

  CurationValue {
    if (seen < 4 || trainings < 1) {
      throw new IllegalArgumentException(
          "%d trainings of %d images; at least 1 and 4".formatted(trainings, seen));
    }
  }

  Map<String, Object> measure(TorchScriptLibrary scripts) {
    EvaluationConfig evaluation = config.section("trainer.evaluation", EvaluationConfig.class);
    PollutedStream stream;
    EvaluationSet photos;
    try (DemoImages images = BenchImages.open()) {
      stream = PollutedStream.of(images, pollution);
      photos = QualityData.photos(images, evaluation).evaluation();
    }
    say("curating %,d images ...", stream.items().size());
    StreamCuration curation =
        StreamCuration.of(
            stream,
            config.section("dedup", DedupConfig.class),
            config.section("curator", CuratorConfig.class));
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("pollution", pollution.name().toLowerCase(Locale.ROOT));
    figures.put("seeds", stream.seeds().size());
    figures.put("images_seen", seen);
    figures.put("unique_images", curation.unique().size());
    Arm arm = new Arm(photos, evaluation, scripts);
    figures.put("without_curation", train("without curation", stream.items(), arm));
    List<Item> curated = curation.curated().stream().map(stream.items()::get).toList();
    figures.put("with_curation", train("with curation", curated, arm));
    return figures;
  }

  /** What both trainings share. */
  private record Arm(
      EvaluationSet photos, EvaluationConfig evaluation, TorchScriptLibrary scripts) {}

  private Map<String, Object> train(String name, List<Item> items, Arm arm) {
    say("%s: %,d images", name, items.size());
    List<RgbImage> images = items.stream().map(Item::image).toList();
    QualityTrial trial =
        new QualityTrial(
            recipe(),
            arm.evaluation(),
            new QualitySet.Content(images, List.of(arm.photos())),
            arm.scripts(),
            out);
    NavigableMap<Long, List<Accuracy>> readings = new TreeMap<>();
    for (long seed = 1; seed <= trainings; seed++) {
      trial
          .train(seed, new TreeSet<>(List.of(seen / 4, seen / 2, seen)))
          .forEach((at, read) -> readings.computeIfAbsent(at, n -> new ArrayList<>()).add(read));
    }
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("images", items.size());
    for (Kind kind : Kind.values()) {
      figures.put(
          kind.name().toLowerCase(Locale.ROOT),
          items.stream().filter(item -> item.kind() == kind).count());
    }
    readings.forEach(
        (at, accuracies) -> {
          Spread percent =
              Spread.of(accuracies, read -> read.percent().get(arm.photos().dataset()));
          figures.put("knn_percent_at_" + at, percent.mean());
          figures.put("knn_deviation_at_" + at, percent.deviation());
          figures.put("knn_percent_by_seed_at_" + at, percent.bySeed());
        });
    return figures;
  }

  /** Its cosine ends with the training. */
  private TrainingConfig recipe() {
    TrainingConfig recipe = config.section(RECIPE, TrainingConfig.class);
    long steps = QualityTrial.stepsTo(seen, recipe);
    return config
        .with(RECIPE + ".schedule.steps", Long.toString(steps))
        .section(RECIPE, TrainingConfig.class);
  }

  private void say(String format, Object... arguments) {
    out.println(String.format(Locale.ROOT, format, arguments));
    out.flush();
  }
}
