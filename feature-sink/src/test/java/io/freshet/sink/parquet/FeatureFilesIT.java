package io.freshet.sink.parquet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.flink.JobContext;
import io.freshet.platform.flink.StreamJob;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.ImageFeature;
import io.freshet.schemas.Topics;
import io.freshet.schemas.Vectors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Every row in exactly one file, over a crash, and few files of many checkpoints. */
class FeatureFilesIT {
  private static final String SPACE = "freshet@1/cls/l2";
  private static final int ROUNDS = 12;
  private static final int ROUND = 5;

  @RegisterExtension
  static final FreshetCluster CLUSTER =
      FreshetCluster.create().with("features.files.compact_checkpoints", "4");

  /** The sink behind features from a topic. */
  private record Copy(FeatureFilesConfig config) implements StreamJob {
    @Override
    public String name() {
      return "feature-files";
    }

    @Override
    public void define(JobContext context) {
      context
          .read(Topics.IMAGE_FEATURE)
          .map(FeatureRow::written, TypeInformation.of(FeatureRow.class))
          .uid("rows")
          .sinkTo(FeatureFiles.sink(config))
          .uid("files");
    }
  }

  @Test
  void everyRowLiesInOneFileAcrossACrash() throws IOException {
    Path dir = CLUSTER.directory().resolve("features");
    Copy job =
        new Copy(
            CLUSTER
                .config()
                .with("features.files.dir", dir.toString())
                .section("features.files", FeatureFilesConfig.class));
    CLUSTER.submit(job);
    for (int round = 0; round < ROUNDS; round++) {
      produce(round * ROUND);
      // A checkpoint or two, so that the rows lie in many files before those are put together.
      LockSupport.parkNanos(Duration.ofMillis(400).toNanos());
      if (round == ROUNDS / 2) {
        CLUSTER.crashFlink();
        CLUSTER.submit(job);
      }
    }
    List<String> expected =
        IntStream.range(0, ROUNDS * ROUND).mapToObj("image%03d"::formatted).toList();
    List<String> found = List.of();
    for (int look = 0; look < 600 && !found.equals(expected); look++) {
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
      found = images(dir);
      assertEquals(found.stream().distinct().toList(), found, "a row lies in two files");
    }
    assertEquals(expected, found);
    List<Path> files = ParquetFiles.visible(dir);
    assertTrue(files.size() < ROUNDS, files.size() + " files of " + ROUNDS + " rounds");
    try (Stream<Path> spaces = Files.list(dir)) {
      assertEquals(
          List.of(SpaceAndDay.folder(SPACE)),
          spaces.map(space -> space.getFileName().toString()).toList());
    }
  }

  /** Ids in the visible files; a file may be replaced while we look, then we look again. */
  private static List<String> images(Path dir) throws IOException {
    while (true) {
      try {
        List<String> images = new ArrayList<>();
        for (Path file : ParquetFiles.visible(dir)) {
          ParquetFiles.rows(file).forEach(row -> images.add(row.get("image_id").toString()));
        }
        return images.stream().sorted().toList();
      } catch (NoSuchFileException | UncheckedIOException e) {
        LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
      }
    }
  }

  private static void produce(int from) {
    Instant now = Instant.now();
    CLUSTER.produce(
        Topics.IMAGE_FEATURE,
        IntStream.range(from, from + ROUND)
            .mapToObj(
                image ->
                    new ImageFeature(
                        "image%03d".formatted(image),
                        Vectors.of(SPACE, new float[] {image, 1}),
                        null,
                        now,
                        now))
            .toList());
  }
}
