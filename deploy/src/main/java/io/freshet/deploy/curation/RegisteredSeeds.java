package io.freshet.deploy.curation;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.config.Config;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.SeedRole;
import io.freshet.schemas.Topics;
import io.freshet.vision.image.CanonicalEncoding;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The seeds of one dataset that are registered in {@code seed.registered} now, by image id. */
public final class RegisteredSeeds extends AheadSource {
  private final BlobStore blobs;
  private final Iterator<SeedImage> seeds;
  private final int total;

  private RegisteredSeeds(BlobStore blobs, Collection<SeedImage> seeds, Consumer<LeftOut> leftOut) {
    super(leftOut);
    this.blobs = blobs;
    this.seeds = seeds.iterator();
    this.total = seeds.size();
  }

  /** Those of each dataset; the records of all fit in memory. The caller closes them. */
  public static SortedMap<String, ImageSource> read(Config config, Consumer<LeftOut> leftOut) {
    KafkaConfig kafka = config.section("kafka", KafkaConfig.class);
    SortedMap<String, SortedMap<String, SeedImage>> byDataset = new TreeMap<>();
    List<SeedImage> seeds =
        new TopicReader<>(kafka, Topics.SEED_REGISTERED)
            .latestByKey().values().stream()
                .filter(seed -> seed.getRole() == SeedRole.SEED)
                .sorted(Comparator.comparing(SeedImage::getFile))
                .toList();
    // An image may be registered by several names; it is one seed.
    seeds.forEach(
        seed ->
            byDataset
                .computeIfAbsent(seed.getDataset(), dataset -> new TreeMap<>())
                .putIfAbsent(seed.getImageId(), seed));
    SortedMap<String, ImageSource> sources = new TreeMap<>();
    byDataset.forEach(
        (dataset, images) ->
            sources.put(
                dataset,
                new RegisteredSeeds(
                    BlobStores.open(config.section("blobs", BlobConfig.class)),
                    images.values(),
                    leftOut)));
    return sources;
  }

  @Override
  public long total() {
    return total;
  }

  @Override
  protected boolean hasPlace() {
    return seeds.hasNext();
  }

  @Override
  protected Optional<BatchImage> look() {
    SeedImage seed = seeds.next();
    Place place = new Place.Registered(seed.getFile());
    return readOrLeaveOut(
            "seed %s of %s".formatted(seed.getFile(), seed.getDataset()),
            seed.getImageId(),
            () -> CanonicalEncoding.decode(blobs.read(seed.getBlob())))
        .map(image -> new BatchImage(seed.getImageId(), "", place, new BatchImage.Pixels(image)));
  }

  @Override
  public void close() {
    blobs.close();
  }
}
