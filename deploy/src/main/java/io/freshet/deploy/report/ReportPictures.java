package io.freshet.deploy.report;

import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.DuplicateImage;
import io.freshet.schemas.DuplicateMethod;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.RejectionReason;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.SeedRole;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import io.freshet.vision.embed.ImageEmbedder;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The pictures of the report, read from the topics and the blob store. */
final class ReportPictures {
  private static final int KEPT = 60;
  private static final int PAIRS_PER_METHOD = 8;
  private static final int NEIGHBOUR_LINES = 10;

  private final KafkaConfig kafka;
  private final Thumbnails thumbnails;

  ReportPictures(KafkaConfig kafka, BlobStore blobs) {
    this.kafka = kafka;
    this.thumbnails = new Thumbnails(blobs);
  }

  /** The newest unique images. */
  List<ReportPage.Picture> kept() {
    List<UniqueImage> all = new TopicReader<>(kafka, Topics.IMAGE_UNIQUE).readAll();
    List<ReportPage.Picture> pictures = new ArrayList<>();
    for (UniqueImage image : all.subList(Math.max(0, all.size() - KEPT), all.size())) {
      thumbnails
          .dataUri(image.getBlob())
          .ifPresent(
              uri -> pictures.add(new ReportPage.Picture(uri, image.getSource().getAltText())));
    }
    return pictures;
  }

  /** The newest duplicates of each method beside what they are duplicates of. */
  List<ReportPage.Pair> duplicates() {
    Map<String, BlobRef> kept = new HashMap<>();
    new TopicReader<>(kafka, Topics.IMAGE_UNIQUE)
        .forEach(image -> kept.put(image.value().getImageId(), image.value().getBlob()));
    Map<DuplicateMethod, List<DuplicateImage>> byMethod = new EnumMap<>(DuplicateMethod.class);
    new TopicReader<>(kafka, Topics.IMAGE_DUPLICATE)
        .forEach(
            image ->
                byMethod
                    .computeIfAbsent(image.value().getMethod(), method -> new ArrayList<>())
                    .add(image.value()));
    List<ReportPage.Pair> pairs = new ArrayList<>();
    for (List<DuplicateImage> images : byMethod.values()) {
      int from = Math.max(0, images.size() - PAIRS_PER_METHOD);
      for (DuplicateImage image : images.subList(from, images.size())) {
        BlobRef original = kept.get(image.getKeptImageId());
        if (original != null) {
          thumbnails
              .dataUri(image.getBlob())
              .flatMap(uri -> thumbnails.dataUri(original).map(k -> pair(uri, k, image)))
              .ifPresent(pairs::add);
        }
      }
    }
    return pairs;
  }

  /** Each reason with its count and one example. */
  List<ReportPage.Refusal> rejected() {
    Map<RejectionReason, Long> counts = new EnumMap<>(RejectionReason.class);
    Map<RejectionReason, RejectedImage> examples = new EnumMap<>(RejectionReason.class);
    new TopicReader<>(kafka, Topics.IMAGE_REJECTED)
        .forEach(
            refusal -> {
              counts.merge(refusal.value().getReason(), 1L, Long::sum);
              examples.put(refusal.value().getReason(), refusal.value());
            });
    return counts.entrySet().stream()
        .map(
            entry ->
                new ReportPage.Refusal(
                    entry.getKey().name(),
                    entry.getValue(),
                    examples.get(entry.getKey()).getDetail()))
        .toList();
  }

  /** Queries of the evaluation split with their nearest seeds, before and after training. */
  List<NeighbourWall.Line> neighbours(String dataset, ImageEmbedder before, ImageEmbedder after) {
    List<SeedImage> bank = new ArrayList<>();
    List<SeedImage> queries = new ArrayList<>();
    for (SeedImage seed : new TopicReader<>(kafka, Topics.SEED_REGISTERED).latestByKey().values()) {
      if (!seed.getDataset().equals(dataset)) {
        continue;
      }
      if (seed.getRole() == SeedRole.SEED) {
        bank.add(seed);
      } else if ("query".equals(seed.getSplit())) {
        queries.add(seed);
      }
    }
    return new NeighbourWall(thumbnails).lines(bank, queries, NEIGHBOUR_LINES, before, after);
  }

  private static ReportPage.Pair pair(String image, String kept, DuplicateImage duplicate) {
    String score =
        switch (duplicate.getMethod()) {
          case EXACT -> "the same pixels";
          case HASH ->
              String.format(
                  Locale.ROOT,
                  "hash, %.0f of 256 bits differ (limit %.0f)",
                  duplicate.getScore(),
                  duplicate.getThreshold());
          case COPY_EMBEDDING, BENCHMARK, UNKNOWN ->
              String.format(
                  Locale.ROOT,
                  "cosine %.3f (limit %.3f)",
                  duplicate.getScore(),
                  duplicate.getThreshold());
        };
    return new ReportPage.Pair(image, kept, score);
  }
}
