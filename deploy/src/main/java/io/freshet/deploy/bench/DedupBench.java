package io.freshet.deploy.bench;

import io.freshet.dedup.DedupConfig;
import io.freshet.dedup.embed.EmbedderDirectory;
import io.freshet.deploy.bench.CopyScores.Pair;
import io.freshet.deploy.demo.DemoImages;
import io.freshet.platform.config.Config;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
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
      "picture. Precision is of the pairs that were called copies, recall of those that are.",
      "With --stored: images a second that get their verdict among so many stored vectors of 512"
          + " elements, and the",
      "share found of all pairs above a cosine of 0.6; beside exact search and a graph in memory."
    },
    mixinStandardHelpOptions = true)
final class DedupBench implements Runnable {
  @Mixin private BenchOptions options;

  @Option(names = "--quality", description = "Measure precision and recall.")
  private boolean quality;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description =
          "Pictures with a groups.csv (file,group,transform; an original's is 'original'); default:"
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
            new StoredBench.Scale(queries, concepts, tasks, beam), settings, options.out());
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
            .put("concepts", concepts)
            .put("queries", queries)
            .put("tasks", tasks)
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
    Predicate<Pair> byHash = pair -> pair.hashDistance() <= dedup.hash().maxDistance();
    Predicate<Pair> byEmbedding = pair -> pair.cosine() > dedup.embedding().threshold();
    Predicate<Pair> verdict = byHash.or(byEmbedding).or(Pair::samePixels);
    options.report(
        new Figures()
            .put("space", space)
            .put("originals", set.items().stream().filter(CopySet.Item::isOriginal).count())
            .put("copies", pairs.stream().filter(Pair::isCopy).count())
            .put("pairs", pairs.size())
            .put("hash_distance_bits", dedup.hash().maxDistance())
            .put("cosine_threshold", dedup.embedding().threshold())
            .put("cosine_at_precision_99", cosineAtPrecision(pairs, 0.99))
            .put("overall", figures(pairs, verdict))
            .put("by_transform", byTransform(pairs, verdict))
            .put(
                "by_descriptor",
                inOrder(
                    "exact", byTransform(pairs, Pair::samePixels),
                    "hash", byTransform(pairs, byHash),
                    "embedding", byTransform(pairs, byEmbedding)))
            .put("pr_curve_hash", hashCurve(pairs))
            .put("pr_curve_embedding", embeddingCurve(pairs)));
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
    String model = config.embedding().model();
    return model.isEmpty() ? ImageEmbedders.bootstrap() : EmbedderDirectory.open(Path.of(model));
  }

  /** Originals among each other count in the whole alone: every match of theirs is a mistake. */
  private static Map<String, Object> byTransform(List<Pair> pairs, Predicate<Pair> verdict) {
    Map<String, Object> figures = new LinkedHashMap<>();
    Set<String> transforms = new TreeSet<>(pairs.stream().map(Pair::transform).toList());
    transforms.remove(CopySet.ORIGINAL);
    for (String transform : transforms) {
      List<Pair> of = pairs.stream().filter(p -> p.transform().equals(transform)).toList();
      figures.put(transform, figures(of, verdict));
    }
    return figures;
  }

  private static Map<String, Object> figures(List<Pair> pairs, Predicate<Pair> verdict) {
    long copies = pairs.stream().filter(Pair::isCopy).count();
    long called = pairs.stream().filter(verdict).count();
    long right = pairs.stream().filter(verdict.and(Pair::isCopy)).count();
    return inOrder(
        "precision", called == 0 ? 1.0 : (double) right / called,
        "recall", copies == 0 ? 1.0 : (double) right / copies,
        "wrong_pairs", called - right);
  }

  /** The lowest threshold above which at least this share of the pairs are copies. */
  private static double cosineAtPrecision(List<Pair> pairs, double precision) {
    List<Pair> nearest =
        pairs.stream().sorted(Comparator.comparing(Pair::cosine).reversed()).toList();
    double threshold = 1;
    int right = 0;
    for (int called = 1; called <= nearest.size(); called++) {
      Pair pair = nearest.get(called - 1);
      right += pair.isCopy() ? 1 : 0;
      if (right >= precision * called) {
        threshold = pair.cosine();
      }
    }
    return threshold;
  }

  private static Map<String, Object> hashCurve(List<Pair> pairs) {
    double[] bits = IntStream.rangeClosed(0, 24).mapToDouble(step -> 4 * step).toArray();
    return curve("bits", bits, pairs, bound -> pair -> pair.hashDistance() <= bound);
  }

  private static Map<String, Object> embeddingCurve(List<Pair> pairs) {
    double[] cosines = IntStream.range(50, 100).mapToDouble(step -> step / 100.0).toArray();
    return curve("cosine", cosines, pairs, bound -> pair -> pair.cosine() > bound);
  }

  private static Map<String, Object> curve(
      String name, double[] bounds, List<Pair> pairs, DoubleFunction<Predicate<Pair>> verdict) {
    List<Map<String, Object>> points =
        Arrays.stream(bounds).mapToObj(bound -> figures(pairs, verdict.apply(bound))).toList();
    return inOrder(
        name,
        bounds,
        "precision",
        points.stream().mapToDouble(p -> (double) p.get("precision")).toArray(),
        "recall",
        points.stream().mapToDouble(p -> (double) p.get("recall")).toArray());
  }

  private static Map<String, Object> inOrder(Object... keysAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }
}
