package io.freshet.deploy.bench;

import io.freshet.dedup.DedupConfig;
import io.freshet.deploy.bench.StoredRun.Result;
import io.freshet.platform.config.Config;
import io.freshet.platform.config.DataSize;
import io.freshet.platform.flink.FlinkConfig;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How fast and how completely deduplication by vectors finds copies among many stored images,
 * beside exact search and beside JVector's graph.
 *
 * @param scale what is stored and asked
 * @param config of the operators
 * @param stateMemory of RocksDB, all tasks together
 */
record StoredBench(Scale scale, DedupConfig config, DataSize stateMemory, PrintWriter out) {
  /** A copy by the method of DINOv2 (arXiv 2304.07193, appendix A). */
  private static final String THRESHOLD = "0.6";

  private static final int DIM = 512;
  private static final long SEED = 1;

  /** Heap that the graph takes beside its vectors, bytes a vector. */
  private static final long GRAPH_BYTES = 600;

  /**
   * @param queries images whose verdict is measured, half of them copies
   * @param concepts that the images fall into
   * @param tasks parallel tasks, and threads of what it is compared with
   * @param beam candidates that the search of the graph keeps; 0 for no graph
   * @param hashes whether images have hashes as well, which what it is compared with has not
   */
  record Scale(int queries, int concepts, int tasks, int beam, boolean hashes) {
    Scale {
      if (queries < 2 || concepts < 1 || tasks < 1 || beam < 0) {
        throw new IllegalArgumentException(
            "%d queries, %d concepts, %d tasks, a beam of %d; at least 2, 1, 1 and 0"
                .formatted(queries, concepts, tasks, beam));
      }
    }
  }

  static StoredBench of(Scale scale, Map<String, String> settings, PrintWriter out) {
    Config config =
        Config.defaults()
            .with("dedup.embedding.threshold", THRESHOLD)
            .with("dedup.embedding.benchmark_threshold", THRESHOLD)
            .with(settings);
    return new StoredBench(
        scale,
        config.section("dedup", DedupConfig.class),
        config.section("flink", FlinkConfig.class).managedMemory(),
        out);
  }

  Map<String, Object> measure(long stored) {
    ConceptVectors vectors = new ConceptVectors(DIM, scale.concepts(), stored, SEED);
    Result job = job(vectors);
    // The comparison with all pairs takes minutes more.
    out.printf("operators: %,.0f images/s asked and stored%n", job.imagesPerSecond());
    out.flush();
    ExactSearch.Result exact = exact(vectors);
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("stored", stored);
    figures.put("images_per_s", job.imagesPerSecond());
    figures.put("recall", job.edges().recall(exact.edges()));
    figures.put("heap_mb", job.heapMegabytes());
    figures.put("state_mb", job.stateMegabytes());
    figures.put("loaded_images_per_s", job.loadedPerSecond());
    figures.put("exact_images_per_s", exact.queriesPerSecond());
    figures.put("exact_edges", exact.edges().size());
    if (hasRoomForGraph(stored)) {
      GraphSearch.Result graph =
          new GraphSearch(vectors)
              .search(scale.queries(), threshold(), scale.beam(), progress("graph", stored));
      figures.put("hnsw_images_per_s", graph.imagesPerSecond());
      figures.put("hnsw_recall", graph.edges().recall(exact.edges()));
    }
    return figures;
  }

  private Result job(ConceptVectors vectors) {
    Path files;
    try {
      files = Files.createTempDirectory("freshet-bench-dedup");
    } catch (IOException e) {
      throw new IllegalStateException("no place for the state", e);
    }
    try {
      Progress progress = progress("operators", vectors.stored() + scale.queries());
      return new StoredRun(
              vectors,
              scale.hashes(),
              config,
              stateMemory,
              scale.queries(),
              scale.tasks(),
              files,
              progress)
          .run();
    } catch (Exception e) {
      throw new IllegalStateException(
          "the job failed with %,d images stored".formatted(vectors.stored()), e);
    } finally {
      StoredRun.walk(files, path -> path.toFile().delete());
    }
  }

  private ExactSearch.Result exact(ConceptVectors vectors) {
    TorchRuntime runtime = TorchRuntime.start(TorchSettings.defaults().withThreads(scale.tasks()));
    return new ExactSearch(vectors, runtime)
        .search(scale.queries(), threshold(), progress("exact", vectors.stored()));
  }

  private double threshold() {
    return config.embedding().threshold();
  }

  private boolean hasRoomForGraph(long stored) {
    if (scale.beam() == 0) {
      return false;
    }
    long needed = stored * (DIM * Float.BYTES + GRAPH_BYTES) * 5 / 4;
    boolean hasRoom = needed < Runtime.getRuntime().maxMemory();
    if (!hasRoom) {
      out.printf(
          "no graph over %,d images: it needs a heap of %,d MB; set FRESHET_JAVA_OPTS=-Xmx...%n",
          stored, needed >> 20);
    }
    return hasRoom;
  }

  private Progress progress(String what, long total) {
    return new Progress(out, what, total);
  }
}
