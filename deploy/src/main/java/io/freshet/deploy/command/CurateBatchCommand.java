package io.freshet.deploy.command;

import io.freshet.curator.CuratorConfig;
import io.freshet.curator.retrieval.Candidate;
import io.freshet.curator.retrieval.Seed;
import io.freshet.curator.window.CuratedWindow;
import io.freshet.curator.window.WindowCuration;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.ImageRejectedException;
import io.freshet.vision.image.RgbImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code freshet curate batch}: a directory curated as one window, without Kafka. */
@Command(
    name = "batch",
    description = {
      "Curate the images of a directory as one window, with the bundled model and curator.plan.",
      "Writes a row for each image that is taken."
    },
    mixinStandardHelpOptions = true)
final class CurateBatchCommand implements Callable<Integer> {
  /** Vectors are held in memory: 7 KB an image. */
  private static final int MOST_IMAGES = 200_000;

  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Option(
      names = "--seeds",
      paramLabel = "NAME=DIR",
      description = "The images of DIR are the seeds of dataset NAME. May be given several times.")
  private Map<String, Path> seedDirectories = new LinkedHashMap<>();

  @Option(names = "--out", required = true, paramLabel = "FILE")
  private Path file;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "${COMPLETION-CANDIDATES}; default: JSONL if FILE ends so, else PARQUET.")
  private Optional<CuratedList.Format> format = Optional.empty();

  @Parameters(paramLabel = "DIR")
  private Path directory;

  /** An image that could be read: where it lies, which it is, its vector. */
  private record Embedded(Path path, String imageId, float[] vector) {}

  @Override
  public Integer call() throws IOException {
    CuratorConfig config = options.load().section("curator", CuratorConfig.class);
    if (seedDirectories.isEmpty() && config.plan().balanced().images() == 0) {
      throw new IllegalArgumentException(
          "nothing would be taken; give --seeds NAME=DIR or --set curator.plan.balanced.images=N");
    }
    if (config.plan().imagesPerHost() > 0) {
      throw new IllegalArgumentException(
          "curator.plan.images_per_host is %d, but files of a directory come from no host; add --set curator.plan.images_per_host=0"
              .formatted(config.plan().imagesPerHost()));
    }
    Map<String, Path> pathOf = new LinkedHashMap<>();
    List<Seed> seeds = new ArrayList<>();
    List<Candidate> images = new ArrayList<>();
    try (StagedOutput output = StagedOutput.at(file);
        ImageEmbedder embedder = ImageEmbedders.bootstrap()) {
      for (Map.Entry<String, Path> dataset : seedDirectories.entrySet()) {
        for (Embedded seed : embed(dataset.getValue(), embedder, config.embedBatch())) {
          pathOf.putIfAbsent(seed.imageId(), seed.path());
          seeds.add(new Seed(seed.imageId(), dataset.getKey(), seed.vector()));
        }
      }
      for (Embedded image : embed(directory, embedder, config.embedBatch())) {
        pathOf.put(image.imageId(), image.path());
        images.add(new Candidate(image.imageId(), image.vector()));
      }
      CuratedWindow curated = new WindowCuration(config.plan()).curate(seeds, images);
      CuratedList.write(
          output.path(),
          format.orElseGet(() -> CuratedList.Format.of(file)),
          rows(curated, pathOf, embedder.space().id()));
      output.complete();
      report(curated, images.size());
    }
    return 0;
  }

  /** Every image of the directory once, by path; what is none is named and left out. */
  private List<Embedded> embed(Path from, ImageEmbedder embedder, int batchSize)
      throws IOException {
    List<Path> files = files(from);
    ImageFiles reader = new ImageFiles();
    CommandProgress progress = new CommandProgress(out());
    progress.at(from.toString(), 0, files.size());
    Map<String, Embedded> embedded = new LinkedHashMap<>();
    Map<String, Path> paths = new LinkedHashMap<>();
    List<RgbImage> batch = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      try {
        RgbImage image = reader.read(files.get(i));
        String id = CanonicalEncoding.imageId(image);
        if (!embedded.containsKey(id) && paths.putIfAbsent(id, files.get(i)) == null) {
          batch.add(image);
        }
      } catch (ImageRejectedException e) {
        out().println("left out " + files.get(i) + ": " + e.getMessage());
      }
      if (batch.size() == batchSize || i == files.size() - 1) {
        flush(embedder, paths, batch, embedded);
      }
      progress.at(from.toString(), i + 1, files.size());
    }
    progress.end();
    return List.copyOf(embedded.values());
  }

  private static List<Path> files(Path from) throws IOException {
    try (Stream<Path> walk = Files.walk(from)) {
      List<Path> files =
          walk.filter(Files::isRegularFile).sorted().limit(MOST_IMAGES + 1L).toList();
      if (files.size() > MOST_IMAGES) {
        throw new IllegalArgumentException(
            "%s has more than %,d files, the most for one window; curate parts of it"
                .formatted(from, MOST_IMAGES));
      }
      return files;
    }
  }

  private static void flush(
      ImageEmbedder embedder,
      Map<String, Path> paths,
      List<RgbImage> batch,
      Map<String, Embedded> embedded) {
    if (batch.isEmpty()) {
      return;
    }
    float[][] vectors = embedder.embed(batch);
    int next = 0;
    for (Map.Entry<String, Path> image : paths.entrySet()) {
      embedded.put(image.getKey(), new Embedded(image.getValue(), image.getKey(), vectors[next++]));
    }
    batch.clear();
    paths.clear();
  }

  private static List<CuratedList.Row> rows(
      CuratedWindow curated, Map<String, Path> pathOf, String spaceId) {
    return curated.choices().stream()
        .map(
            choice ->
                new CuratedList.Row(
                    pathOf.get(choice.imageId()).toString(),
                    choice.imageId(),
                    choice.dataset(),
                    choice.strategy().name(),
                    choice.queryOrClusterId(),
                    pathOf.get(choice.queryOrClusterId()).toString(),
                    choice.similarity(),
                    choice.rank(),
                    spaceId))
        .toList();
  }

  private void report(CuratedWindow curated, int images) {
    out().printf("%,d of %,d images taken%n", curated.choices().size(), images);
    curated
        .funnels()
        .forEach(
            f ->
                out()
                    .printf(
                        "%-20s %,d seeds, %,d near, %,d sampled, %,d from clusters%n",
                        f.dataset(), f.seeds(), f.near(), f.sampled(), f.clustered()));
    if (!curated.clusterSizes().isEmpty()) {
      out().println("cluster sizes " + curated.clusterSizes());
    }
    out().flush();
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
