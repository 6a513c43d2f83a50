package io.freshet.deploy.bench;

import io.freshet.curator.CuratorConfig;
import io.freshet.curator.retrieval.Candidate;
import io.freshet.curator.retrieval.MatrixProducts;
import io.freshet.curator.retrieval.Seed;
import io.freshet.curator.retrieval.SeedIndex;
import io.freshet.curator.retrieval.SeedIndexPlan;
import io.freshet.curator.window.Choice;
import io.freshet.curator.window.CuratedWindow;
import io.freshet.curator.window.WindowCuration;
import io.freshet.deploy.bench.PollutedStream.Pollution;
import io.freshet.platform.config.Config;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code freshet bench curation}: what curation costs, and what it is worth. */
@Command(
    name = "curation",
    description = {
      "Time the curation of a window against numbers of seeds, compared with all of them and looked up",
      "in a graph, and the embedder against batch sizes.",
      "Vectors are of clustered concepts, as unit vectors around random centres; images are noise.",
      "With --value: k-NN top-1 on photographs after equal steps on a stream of which four fifths are unwanted, and on",
      "what deduplication and curation leave of it, by the recipe of quality-photos."
    },
    mixinStandardHelpOptions = true)
final class CurationBench implements Runnable {
  private static final int CONCEPTS = 64;
  private static final int DATASETS = 4;
  private static final double SPREAD = 0.6;
  private static final long SEED = 11;

  @Mixin private BenchOptions options;

  @Option(
      names = "--seeds",
      split = ",",
      defaultValue = "100,1000,10000",
      description = "Numbers of seeds; default: ${DEFAULT-VALUE}.")
  private List<Integer> seedCounts;

  @Option(
      names = "--images",
      defaultValue = "4096",
      description = "Images of the window; default: ${DEFAULT-VALUE}.")
  private int images;

  @Option(
      names = "--dim",
      defaultValue = "384",
      description = "Numbers of a vector; default: ${DEFAULT-VALUE}.")
  private int dim;

  @Option(
      names = "--batches",
      split = ",",
      defaultValue = "1,4,16,64",
      description = "Batch sizes of the embedder; default: ${DEFAULT-VALUE}.")
  private List<Integer> batches;

  @Option(
      names = "--repetitions",
      defaultValue = "3",
      description = "Times that each is measured, after one unmeasured; default: ${DEFAULT-VALUE}.")
  private int repetitions;

  @Option(names = "--value", description = "Measure what curation is worth instead.")
  private boolean value;

  @Option(
      names = "--pollution",
      defaultValue = "DRAWINGS_AND_COPIES",
      description =
          "What is unwanted, with --value: ${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
  private Pollution pollution;

  @Option(
      names = "--seen",
      defaultValue = "8000",
      description = "Images that each training sees, with --value; default: ${DEFAULT-VALUE}.")
  private long seen;

  @Option(
      names = "--trainings",
      defaultValue = "3",
      description = "Trainings of each, with --value; default: ${DEFAULT-VALUE}.")
  private int trainings;

  @Mixin private TorchOptions torch = TorchOptions.allCores();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "One setting, such as curator.plan.cluster.images_per_cluster=16.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Override
  public void run() {
    if (value) {
      measureValue();
    } else {
      measureCost();
    }
  }

  private void measureValue() {
    Config config = Config.defaults().profile("quality-photos").with(settings);
    TorchRuntime runtime = torch.start();
    Figures figures = torch.put(new Figures(), runtime);
    try (TorchScriptLibrary scripts = torch.scripts(runtime)) {
      new CurationValue(config, pollution, seen, trainings, options.out())
          .measure(scripts)
          .forEach(figures::put);
    }
    options.report(figures);
  }

  private void measureCost() {
    CuratorConfig config = Config.defaults().with(settings).section("curator", CuratorConfig.class);
    WindowCuration curation = new WindowCuration(config.plan(), MatrixProducts.open());
    Random random = new Random(SEED);
    float[][] centres = new float[CONCEPTS][];
    for (int i = 0; i < CONCEPTS; i++) {
      centres[i] = around(new float[dim], 1, random);
    }
    List<Candidate> window = new ArrayList<>();
    for (int i = 0; i < images; i++) {
      window.add(new Candidate("image%07d".formatted(i), point(centres, random)));
    }
    List<Map<String, Object>> runs = new ArrayList<>();
    for (int count : seedCounts) {
      runs.add(window(config, curation, window, count, centres, random));
    }
    options.report(
        new Figures()
            .put("images", images)
            .put("dim", dim)
            .put("samples_per_seed", config.plan().samplesPerSeed())
            .put("runs", runs)
            .put("embed", embedding(random)));
  }

  private Map<String, Object> window(
      CuratorConfig config,
      WindowCuration curation,
      List<Candidate> window,
      int count,
      float[][] centres,
      Random random) {
    List<Seed> seeds = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      seeds.add(new Seed("seed%07d".formatted(i), "set" + i % DATASETS, point(centres, random)));
    }
    options.out().printf("window of %,d images, %,d seeds ...%n", window.size(), count);
    options.out().flush();
    CuratedWindow[] curated = new CuratedWindow[1];
    Timings timings = Timings.of(1, repetitions, () -> curated[0] = curation.curate(seeds, window));
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("seeds", count);
    figures.put("window_ms", timings.median());
    figures.put("images_per_s", 1000 * window.size() / timings.median());
    figures.put("pairs_per_s", 1000.0 * window.size() * count / timings.median());
    figures.put("curated_images", curated[0].choices().size());
    figures.putAll(throughGraphs(config.seeds().index(), curation, window, seeds, curated[0]));
    return figures;
  }

  private Map<String, Object> throughGraphs(
      SeedIndexPlan plan,
      WindowCuration curation,
      List<Candidate> window,
      List<Seed> seeds,
      CuratedWindow exact) {
    options.out().println("... through graphs");
    options.out().flush();
    long start = System.nanoTime();
    SeedIndex graphs =
        SeedIndex.empty(new SeedIndexPlan(0, plan.nearestSeeds(), plan.beam())).rebuilt(seeds);
    double buildSeconds = (System.nanoTime() - start) / 1e9;
    CuratedWindow[] curated = new CuratedWindow[1];
    Timings timings =
        Timings.of(1, repetitions, () -> curated[0] = curation.curate(graphs, window));
    Set<Choice> common = new HashSet<>(exact.choices());
    common.retainAll(curated[0].choices());
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("graph_build_s", buildSeconds);
    figures.put("graph_window_ms", timings.median());
    figures.put("graph_recall", (double) common.size() / exact.choices().size());
    return figures;
  }

  /** The bundled model, from pixels in memory to vectors. */
  private List<Map<String, Object>> embedding(Random random) {
    List<Map<String, Object>> figures = new ArrayList<>();
    try (ImageEmbedder embedder = ImageEmbedders.bootstrap()) {
      for (int batch : batches) {
        options.out().printf("embed batches of %d ...%n", batch);
        options.out().flush();
        List<RgbImage> pixels = new ArrayList<>();
        for (int i = 0; i < batch; i++) {
          byte[] rgb = new byte[3 * 224 * 224];
          random.nextBytes(rgb);
          pixels.add(new RgbImage(224, 224, rgb));
        }
        Timings timings = Timings.of(1, repetitions, () -> embedder.embed(pixels));
        Map<String, Object> figure = new LinkedHashMap<>();
        figure.put("batch_images", batch);
        figure.put("batch_ms", timings.median());
        figure.put("images_per_s", 1000 * batch / timings.median());
        figures.add(figure);
      }
    }
    return figures;
  }

  private float[] point(float[][] centres, Random random) {
    return around(centres[random.nextInt(centres.length)], SPREAD / Math.sqrt(dim), random);
  }

  private static float[] around(float[] centre, double deviation, Random random) {
    double[] moved = new double[centre.length];
    double squares = 0;
    for (int d = 0; d < moved.length; d++) {
      moved[d] = centre[d] + deviation * random.nextGaussian();
      squares += moved[d] * moved[d];
    }
    float[] unit = new float[moved.length];
    for (int d = 0; d < unit.length; d++) {
      unit[d] = (float) (moved[d] / Math.sqrt(squares));
    }
    return unit;
  }
}
