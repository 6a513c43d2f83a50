package io.freshet.deploy.command;

import io.freshet.curator.CuratorConfig;
import io.freshet.curator.batch.StandingImages;
import io.freshet.curator.retrieval.MatrixProducts;
import io.freshet.curator.retrieval.Seed;
import io.freshet.curator.retrieval.SeedIndex;
import io.freshet.curator.window.Choice;
import io.freshet.curator.window.CuratedWindow;
import io.freshet.curator.window.WindowCuration;
import io.freshet.deploy.curation.BatchCuration;
import io.freshet.deploy.curation.EmbeddedImages;
import io.freshet.deploy.curation.EmbeddedImages.EmbeddedImage;
import io.freshet.deploy.curation.ImageSource;
import io.freshet.deploy.curation.Place;
import io.freshet.deploy.curation.RegisteredSeeds;
import io.freshet.deploy.curation.TopicImages;
import io.freshet.platform.config.Config;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code freshet curate batch}: stored images curated once. */
@Command(
    name = "batch",
    description = {
      "Curate stored images once, by curator.plan: those of a directory, or those that stand in"
          + " image.unique.",
      "Writes a row for each image that is taken."
    },
    mixinStandardHelpOptions = true)
final class CurateBatchCommand implements Callable<Integer> {
  private static final String CURATION = "curation";

  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Option(
      names = "--seeds",
      paramLabel = "NAME=DIR",
      description = {
        "The images of DIR are the seeds of dataset NAME. May be given several times.",
        "Without it, a topic is curated by the seeds that are registered."
      })
  private Map<String, Path> seedDirectories = new LinkedHashMap<>();

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = {
        "A release, an alias or the directory of a release that embeds.",
        "Default: the bundled one for a directory, alias curation for a topic."
      })
  private Optional<String> model = Optional.empty();

  @Option(
      names = "--window-images",
      paramLabel = "N",
      description = {
        "Images of a window, each of which is curated by itself; 0: all are one window (200,000 at"
            + " most).",
        "Default: 0 for a directory, curator.window_images for a topic."
      })
  private Optional<Integer> windowImages = Optional.empty();

  @Option(names = "--out", required = true, paramLabel = "FILE")
  private Path file;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "${COMPLETION-CANDIDATES}; default: JSONL if FILE ends so, else PARQUET.")
  private Optional<CuratedList.Format> format = Optional.empty();

  @Option(
      names = "--left-out",
      paramLabel = "FILE",
      description = "Write what can't be read to FILE, a JSON object a line.")
  private Optional<Path> leftOutFile = Optional.empty();

  @Parameters(
      paramLabel = "DIR|TOPIC",
      description = {
        "A directory, or the name of image.unique with its prefix.",
        "What holds a slash is a directory, topic:NAME a topic."
      })
  private String input;

  private Config config;
  private CuratorConfig curator;
  private CommandProgress progress;

  /** The seeds with where each was found, by dataset and image id. */
  private record Seeds(List<Seed> seeds, Map<String, String> names) {
    static String key(String dataset, String imageId) {
      return dataset + "/" + imageId;
    }
  }

  /** What was curated, over all windows. */
  private static final class Totals {
    private final Map<String, CuratedWindow.Funnel> funnels = new TreeMap<>();
    private long windows;
    private long images;
    private long taken;
    private List<Integer> clusterSizes = List.of();

    void add(CuratedWindow window, int size) {
      windows++;
      images += size;
      taken += window.choices().size();
      clusterSizes = window.clusterSizes();
      window.funnels().forEach(f -> funnels.merge(f.dataset(), f, Totals::sum));
    }

    private static CuratedWindow.Funnel sum(CuratedWindow.Funnel a, CuratedWindow.Funnel b) {
      return new CuratedWindow.Funnel(
          a.dataset(),
          a.seeds(),
          a.near() + b.near(),
          a.sampled() + b.sampled(),
          a.clustered() + b.clustered());
    }
  }

  @Override
  public Integer call() throws IOException {
    config = options.load();
    curator = config.section("curator", CuratorConfig.class);
    progress = new CommandProgress(out());
    BatchInput from = BatchInput.of(input, config.section("kafka", KafkaConfig.class), Path.of(""));
    if (from instanceof BatchInput.Directory) {
      requireSense();
    }
    try (StagedOutput output = StagedOutput.at(file);
        LeftOutReport leftOut = LeftOutReport.to(out(), leftOutFile);
        ImageEmbedder embedder = embedder(from);
        ImageSource images = images(from, embedder, leftOut)) {
      int window = windowImages(from, images);
      Seeds seeds = seeds(from, embedder, leftOut);
      long unusable = leftOut.count();
      Totals totals = new Totals();
      try (CuratedList.Writer rows =
          CuratedList.open(output.path(), format.orElseGet(() -> CuratedList.Format.of(file)))) {
        BatchCuration curation =
            new BatchCuration(
                new WindowCuration(curator.plan(), MatrixProducts.open()),
                SeedIndex.empty(curator.seeds().index()).rebuilt(seeds.seeds()),
                window);
        curation.curate(
            embedded(images, embedder, leftOut, "images"),
            (number, curated, places) -> {
              totals.add(curated, places.size());
              for (Choice choice : curated.choices()) {
                rows.write(row(choice, seeds, places, number, embedder.space().id()));
              }
            });
      }
      progress.end();
      requireAny(totals, leftOut.count() - unusable);
      output.complete();
      report(totals, leftOut.count());
    }
    return 0;
  }

  private void requireSense() {
    if (seedDirectories.isEmpty() && takesNoneWithoutSeeds()) {
      throw new IllegalArgumentException(
          "nothing would be taken; give --seeds NAME=DIR or --set curator.plan.balanced.images=N");
    }
    if (curator.plan().imagesPerHost() > 0) {
      throw new IllegalArgumentException(
          "curator.plan.images_per_host is %d, but files of a directory come from no host; add --set curator.plan.images_per_host=0"
              .formatted(curator.plan().imagesPerHost()));
    }
  }

  private boolean takesNoneWithoutSeeds() {
    return curator.plan().balanced().images() == 0;
  }

  private ImageEmbedder embedder(BatchInput from) {
    return from instanceof BatchInput.Directory && model.isEmpty()
        ? ImageEmbedders.bootstrap(Runtime.getRuntime().availableProcessors())
        : ReleaseEmbedders.open(options, model.orElse(CURATION), false);
  }

  private ImageSource images(BatchInput from, ImageEmbedder embedder, LeftOutReport leftOut)
      throws IOException {
    return from instanceof BatchInput.Directory directory
        ? DirectoryImages.below(directory.path(), leftOut)
        : topicImages(embedder, leftOut);
  }

  private ImageSource topicImages(ImageEmbedder embedder, LeftOutReport leftOut) {
    out().printf("reading %s to the end that it has now%n", input);
    out().flush();
    TopicImages images = TopicImages.open(config, embedder.space().id(), leftOut);
    try {
      StandingImages.Counts counts = images.counts();
      out()
          .printf(
              "%,d images stand, %,d records are of withdrawn ones, %,d of images that stand"
                  + " already%n",
              counts.standing(), counts.withdrawn(), counts.repeated());
      out().flush();
      return images;
    } catch (RuntimeException e) {
      images.close();
      throw e;
    }
  }

  private int windowImages(BatchInput from, ImageSource images) {
    int asked =
        windowImages.orElseGet(
            () -> from instanceof BatchInput.Directory ? 0 : curator.windowImages());
    if (asked != 0) {
      return asked;
    }
    if (images.total() > BatchCuration.MOST_WINDOW_IMAGES) {
      throw new IllegalArgumentException(
          "%s has %,d images, more than the %,d of one window; give --window-images N"
              .formatted(input, images.total(), BatchCuration.MOST_WINDOW_IMAGES));
    }
    return BatchCuration.MOST_WINDOW_IMAGES;
  }

  private Seeds seeds(BatchInput from, ImageEmbedder embedder, LeftOutReport leftOut)
      throws IOException {
    Seeds seeds = new Seeds(new ArrayList<>(), new HashMap<>());
    for (Map.Entry<String, Path> dataset : seedDirectories.entrySet()) {
      addSeeds(
          dataset.getKey(),
          DirectoryImages.below(dataset.getValue(), leftOut),
          embedder,
          leftOut,
          seeds);
    }
    if (from instanceof BatchInput.Topic && seedDirectories.isEmpty()) {
      RegisteredSeeds.read(config, leftOut)
          .forEach((dataset, images) -> addSeeds(dataset, images, embedder, leftOut, seeds));
    }
    if (seeds.seeds().isEmpty() && takesNoneWithoutSeeds()) {
      throw new IllegalArgumentException(
          "there are no seeds, so nothing would be taken; register some (freshet seeds add), give"
              + " --seeds NAME=DIR or --set curator.plan.balanced.images=N");
    }
    return seeds;
  }

  private void addSeeds(
      String dataset,
      ImageSource images,
      ImageEmbedder embedder,
      LeftOutReport leftOut,
      Seeds seeds) {
    try (images) {
      EmbeddedImages embedded = embedded(images, embedder, leftOut, "seeds of " + dataset);
      while (embedded.hasNext()) {
        EmbeddedImage seed = embedded.next();
        seeds.seeds().add(new Seed(seed.imageId(), dataset, seed.vector()));
        seeds.names().put(Seeds.key(dataset, seed.imageId()), seed.place().name());
      }
    }
  }

  /** Tells how far it is each time that a batch was embedded. */
  private EmbeddedImages embedded(
      ImageSource images, ImageEmbedder embedder, LeftOutReport leftOut, String phase) {
    progress.at(phase, 0, images.total());
    return new EmbeddedImages(
        images,
        embedder,
        curator.embedBatch(),
        leftOut,
        () -> progress.at(phase, images.looked(), images.total()));
  }

  private static CuratedList.Row row(
      Choice choice, Seeds seeds, Map<String, Place> places, long window, String spaceId) {
    String query = choice.queryOrClusterId();
    String name =
        switch (choice.strategy()) {
          case SAMPLE -> seeds.names().get(Seeds.key(choice.dataset(), query));
          case CLUSTER, BALANCED -> places.get(query).name();
        };
    return new CuratedList.Row(choice, places.get(choice.imageId()), name, window, spaceId);
  }

  private void requireAny(Totals totals, long unreadable) {
    if (totals.images == 0 && unreadable > 0) {
      throw new IllegalArgumentException(
          "none of the images of %s could be read (%,d, see above); is blobs.dir the one that they were stored in?"
              .formatted(input, unreadable));
    }
  }

  private void report(Totals totals, long leftOut) {
    out().printf("%,d of %,d images taken", totals.taken, totals.images);
    out().printf(totals.windows > 1 ? " in %,d windows%n".formatted(totals.windows) : "%n");
    if (leftOut > 0) {
      out().printf("%,d left out%n", leftOut);
    }
    totals
        .funnels
        .values()
        .forEach(
            f ->
                out()
                    .printf(
                        "%-20s %,d seeds, %,d near, %,d sampled, %,d from clusters%n",
                        f.dataset(), f.seeds(), f.near(), f.sampled(), f.clustered()));
    if (totals.windows == 1 && !totals.clusterSizes.isEmpty()) {
      out().println("cluster sizes " + totals.clusterSizes);
    }
    out().flush();
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
