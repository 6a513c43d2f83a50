package io.freshet.deploy.bench;

import io.freshet.deploy.node.Role;
import io.freshet.deploy.node.TopicWriter;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.schemas.CuratedImage;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.SeedRole;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.model.VisionTransformer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * The curator alone, whose windows hold one image each and whose one seed takes it: so every image
 * comes out as soon as it has its vector. One owner thread.
 */
final class CuratorTrial implements AutoCloseable {
  private final BenchDeployment deployment;

  private CuratorTrial(BenchDeployment deployment) {
    this.deployment = deployment;
  }

  /**
   * Starts broker and job, with a seed.
   *
   * @param parent its state lies in a new directory there
   * @param batch images of a forward pass
   */
  static CuratorTrial start(
      Path parent, int batch, VisionTransformer model, int size, RgbImage seed) throws IOException {
    BenchDeployment deployment =
        BenchDeployment.start(
            parent,
            Role.CURATOR,
            Map.of(
                "curator.embed_batch", Integer.toString(batch),
                "curator.window_images", "1",
                "curator.plan.min_similarity", "-1"));
    try {
      deployment.promote(model, size, "curation");
      UniqueImage stored = deployment.store(List.of(seed)).get(0);
      try (TopicWriter<SeedImage> topic =
          new TopicWriter<>(deployment.kafka(), Topics.SEED_REGISTERED)) {
        topic.write(
            new SeedImage(
                stored.getImageId(),
                stored.getBlob(),
                "bench",
                "",
                SeedRole.SEED,
                null,
                "seed",
                BenchDeployment.now()));
      }
      return new CuratorTrial(deployment);
    } catch (RuntimeException | IOException e) {
      deployment.close();
      throw e;
    }
  }

  /**
   * Lets images through and waits for the last.
   *
   * @param pause between two images; zero: all are there at once
   * @return how long each took from its decision to its curation, in the order of the curations
   */
  List<Passage> pass(List<RgbImage> images, Duration pause, LongConsumer curated) {
    long before = curated().count();
    List<UniqueImage> unique = deployment.store(images);
    long distinct = unique.stream().map(UniqueImage::getImageId).distinct().count();
    Map<String, Instant> decided = new HashMap<>();
    try (TopicWriter<UniqueImage> topic =
        new TopicWriter<>(deployment.kafka(), Topics.IMAGE_UNIQUE)) {
      for (UniqueImage image : unique) {
        decided.put(image.getImageId(), BenchDeployment.now());
        topic.write(image);
        BenchDeployment.pause(pause);
      }
    }
    deployment.await(
        BenchDeployment.SELDOM,
        () -> curated().count() - before,
        count -> count == distinct,
        curated::accept);
    List<Passage> passed = new ArrayList<>();
    for (CuratedImage image : curated().readAll()) {
      if (decided.containsKey(image.getImageId())) {
        passed.add(new Passage(decided.get(image.getImageId()), image.getCuratedAt()));
      }
    }
    passed.sort((a, b) -> a.curated().compareTo(b.curated()));
    return passed;
  }

  private TopicReader<CuratedImage> curated() {
    return new TopicReader<>(deployment.kafka(), Topics.IMAGE_CURATED);
  }

  /** When an image was handed to the job, and when it came out. */
  record Passage(Instant decided, Instant curated) {
    double millis() {
      return Duration.between(decided, curated).toNanos() / 1e6;
    }
  }

  @Override
  public void close() {
    deployment.close();
  }
}
