package io.freshet.deploy.bench;

import io.freshet.dedup.DedupConfig;
import io.freshet.dedup.embed.CopyModel;
import io.freshet.dedup.similarity.CopyBound;
import io.freshet.dedup.similarity.Normalisation;
import io.freshet.deploy.bench.CopyScores.Pair;
import io.freshet.deploy.demo.DemoImages;
import io.freshet.platform.config.Config;
import io.freshet.vision.embed.ImageEmbedder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleFunction;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code freshet bench dedup}: whether deduplication tells copies from other pictures, and how fast
 * it finds them among many.
 */
@Command(
    name = "dedup",
    description = {
      "With --quality: precision and recall of the verdict 'is a copy', over all pairs of an"
          + " original and another",
      "picture. Precision is of the pairs that were called copies, recall of those that are. Scores"
          + " are normalised by the",
      "originals of other groups, where dedup.embedding.normalisation.weight is above 0.",
      "With --stored: images a second that get their verdict among so many stored vectors of 512"
          + " elements, and the",
      "share found of all pairs above a cosine of 0.6; beside exact search and a graph in memory."
    },
    mixinStandardHelpOptions = true)
final class DedupBench implements Runnable {
  /** Of normalised scores where none is configured: docs/adr/0015 has what others do. */
  private static final double USUAL_WEIGHT = 0.5;

  private static final double[] BITS =
      IntStream.rangeClosed(0, 24).mapToDouble(step -> 4 * step).toArray();
  private static final double[] COSINES =
      IntStream.range(50, 100).mapToDouble(step -> step / 100.0).toArray();

  @Mixin private BenchOptions options;

  @Option(names = "--quality", description = "Measure precision and recall.")
  private boolean quality;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description =
          "Pictures with a groups.csv (file,group,transform; an original's is 'original', or it is"
              + " the first of its group); default:"
              + " the demo's pictures and copies made of them.")
  private Optional<Path> directory = Optional.empty();

  @Option(
      names = "--drawings",
      defaultValue = "66",
      description = "Drawings beside the photographs, without --dir; default: ${DEFAULT-VALUE}.")
  private int drawings;

  @Option(
      names = "--stored",
      split = ",",
      paramLabel = "COUNT",
      description = "Measure speed with so many images stored, such as 100000,1000000.")
  private List<Long> stored = List.of();

  @Option(
      names = "--queries",
      defaultValue = "4000",
      description = "Images measured, with --stored; default: ${DEFAULT-VALUE}.")
  private int queries;

  @Option(
      names = "--concepts",
      defaultValue = "10000",
      description = "Concepts that images fall into, with --stored; default: ${DEFAULT-VALUE}.")
  private int concepts;

  @Option(
      names = "--tasks",
      description = "Parallel tasks and threads, with --stored; default: all cores.")
  private int tasks = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--hashes",
      description = "Images have a hash as well, which is asked and stored, with --stored.")
  private boolean hashes;

  @Option(
      names = "--beam",
      defaultValue = "100",
      description =
          "Candidates of the graph's search, with --stored; 0 for no graph; default:"
              + " ${DEFAULT-VALUE}.")
  private int beam;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "One setting, such as dedup.embedding.threshold=0.96.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Override
  public void run() {
    if (quality == !stored.isEmpty()) {
      throw new IllegalArgumentException(
          quality
              ? "--quality and --stored are two measurements; give one of them"
              : "nothing to measure; give --quality or --stored");
    }
    if (quality) {
      measureQuality();
    } else {
      measureSpeed();
    }
  }

  private void measureSpeed() {
    StoredBench bench =
        StoredBench.of(
            new StoredBench.Scale(queries, concepts, tasks, beam, hashes), settings, options.out());
    List<Map<String, Object>> runs = new ArrayList<>();
    for (long count : stored) {
      runs.add(bench.measure(count));
      new Figures()
          .put(count + "_stored", runs.get(runs.size() - 1))
          .report(options.out(), Optional.empty());
    }
    options.report(
        new Figures()
            .put("cell_entries", bench.config().embedding().cellEntries())
            .put("probes", bench.config().embedding().probes())
            .put("probe_margin", bench.config().embedding().probeMargin())
            .put("state_memory_mb", bench.stateMemory().bytes() >> 20)
            .put("concepts", concepts)
            .put("queries", queries)
            .put("tasks", tasks)
            .put("hashes", hashes)
            .put("runs", runs));
  }

  private void measureQuality() {
    Config config = Config.defaults().with(settings);
    DedupConfig dedup = config.section("dedup", DedupConfig.class);
    CopySet set = set();
    List<Pair> pairs;
    String space;
    try (ImageEmbedder embedder = embedder(dedup)) {
      space = embedder.space().id();
      pairs = CopyScores.of(set, embedder, dedup).pairs();
    }
    PrecisionRecall told = new PrecisionRecall(pairs);
    Figures figures =
        new Figures()
            .put("space", space)
            .put("originals", set.items().stream().filter(CopySet.Item::isOriginal).count())
            .put("copies", pairs.stream().filter(Pair::isCopy).count())
            .put("pairs", pairs.size())
            .put("hash_distance_bits", dedup.hash().maxDistance())
            .put("cosine_threshold", dedup.embedding().threshold())
            .put("normalisation_weight", dedup.embedding().normalisation().weight())
            .put("cosine_at_precision_99", told.cosineAtPrecision(0.99));
    putVerdict(figures, told, dedup);
    putCurves(figures, told, dedup.embedding().normalisation());
    options.report(figures);
  }

  /** What the configured bounds tell. */
  private static void putVerdict(Figures figures, PrecisionRecall told, DedupConfig dedup) {
    CopyBound bound = dedup.embedding().copyBound();
    Predicate<Pair> byHash = pair -> pair.hashDistance() <= dedup.hash().maxDistance();
    Predicate<Pair> byEmbedding = pair -> pair.exceeds(bound);
    Predicate<Pair> verdict = byHash.or(byEmbedding).or(Pair::samePixels);
    figures
        .put("overall", told.of(verdict))
        .put("by_transform", told.byTransform(verdict))
        .put(
            "by_descriptor",
            inOrder(
                "exact", told.byTransform(Pair::samePixels),
                "hash", told.byTransform(byHash),
                "embedding", told.byTransform(byEmbedding)));
  }

  /** What others would tell. */
  private static void putCurves(
      Figures figures, PrecisionRecall told, Normalisation normalisation) {
    double weight = normalisation.isOn() ? normalisation.weight() : USUAL_WEIGHT;
    DoubleFunction<Predicate<Pair>> plain = cosine -> pair -> pair.cosine() > cosine;
    DoubleFunction<Predicate<Pair>> normalised =
        cosine -> {
          CopyBound bound = new CopyBound(cosine, weight);
          return pair -> pair.exceeds(bound);
        };
    figures
        .put(
            "embedding_at_precision_90",
            inOrder(
                "plain", told.atPrecision(0.9, plain),
                "normalised", told.atPrecision(0.9, normalised),
                "normalised_weight", weight))
        .put("pr_curve_hash", told.curve("bits", BITS, bits -> pair -> pair.hashDistance() <= bits))
        .put("pr_curve_embedding", told.curve("cosine", COSINES, plain))
        .put("pr_curve_normalised", told.curve("threshold", COSINES, normalised));
  }

  private CopySet set() {
    if (directory.isPresent()) {
      return CopySet.read(directory.get());
    }
    try (DemoImages images = BenchImages.open()) {
      return CopySet.of(images, drawings);
    }
  }

  private static ImageEmbedder embedder(DedupConfig config) {
    return CopyModel.open(config.embedding().model());
  }

  private static Map<String, Object> inOrder(Object... keysAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }
}
