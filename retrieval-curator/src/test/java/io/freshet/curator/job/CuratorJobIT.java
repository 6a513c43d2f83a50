package io.freshet.curator.job;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.curator.CuratorConfig;
import io.freshet.curator.bootstrap.BootstrapModel;
import io.freshet.curator.retrieval.Candidate;
import io.freshet.curator.retrieval.Seed;
import io.freshet.curator.seeds.SeedFile;
import io.freshet.curator.seeds.SeedRegistrar;
import io.freshet.curator.window.Choice;
import io.freshet.curator.window.CuratedWindow;
import io.freshet.curator.window.CurationPlan;
import io.freshet.curator.window.WindowCuration;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.blob.ShardWriter;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.CuratedImage;
import io.freshet.schemas.CurationStrategy;
import io.freshet.schemas.CurationWindow;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.SeedRole;
import io.freshet.schemas.SourceUrls;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vector;
import io.freshet.schemas.Vectors;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The job over one window equals the batch algorithm over that window's images. */
class CuratorJobIT {
  private static final int WINDOW = 24;

  @RegisterExtension
  static final FreshetCluster CLUSTER =
      FreshetCluster.create()
          .with("curator.plan.samples_per_seed", "1")
          .with("curator.plan.cluster.images_per_cluster", "2")
          .with("curator.plan.cluster.min_seeds", "1")
          .with("curator.plan.cluster.images_per_centroid", "6")
          .with("curator.plan.balanced.images", "5")
          .with("curator.plan.balanced.hierarchy.clusters", "[4, 2]")
          .with("curator.plan.min_similarity", "0.3")
          .with("curator.window_images", Integer.toString(WINDOW))
          .with("curator.window_age", "10m");

  private final List<Seed> seeds = new ArrayList<>();
  private final List<Candidate> candidates = new ArrayList<>();

  @Test
  void curatesWhatTheBatchAlgorithmSelects() throws IOException {
    BootstrapModel.ensurePublished(
        ModelRegistries.open(CLUSTER.config().section("registry", RegistryConfig.class)));
    BlobStore blobs = BlobStores.open(CLUSTER.config().section("blobs", BlobConfig.class));
    List<UniqueImage> images;
    try (ImageEmbedder embedder = ImageEmbedders.bootstrap()) {
      registerSeeds(blobs, embedder);
      images = uniqueImages(blobs, embedder);
    }
    CurationPlan plan = CLUSTER.config().section("curator", CuratorConfig.class).plan();
    CuratedWindow expected = new WindowCuration(plan).curate(seeds, candidates);
    assertEquals(
        EnumSet.allOf(Choice.Strategy.class),
        expected.choices().stream()
            .map(Choice::strategy)
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(Choice.Strategy.class))),
        "the plan takes by each strategy");

    CLUSTER.submit(new CuratorJob());
    images.forEach(image -> CLUSTER.produce(Topics.IMAGE_UNIQUE, image));
    List<CuratedImage> curated = CLUSTER.await(Topics.IMAGE_CURATED, expected.choices().size());

    assertEquals(
        expected.choices().stream().map(CuratorJobIT::text).collect(Collectors.toSet()),
        curated.stream().map(CuratorJobIT::text).collect(Collectors.toSet()));
    for (CuratedImage image : curated) {
      assertEquals("bootstrap@1/features/l2", image.getSpaceId());
      assertEquals(0L, image.getWindow());
      assertEquals(
          image.getStrategy() == CurationStrategy.SAMPLE ? 0.3f : null, image.getThreshold());
    }

    CurationWindow report = CLUSTER.await(Topics.CURATION_WINDOW, 1).get(0);
    assertEquals(WINDOW, report.getImages());
    CuratedWindow.Funnel funnel = expected.funnels().get(0);
    assertEquals(funnel.sampled(), report.getFunnels().get(0).getSampled());
    assertEquals(funnel.clustered(), report.getFunnels().get(0).getClustered());
    assertEquals(expected.clusterSizes(), report.getClusterSizes());
    assertEquals(Photos.FILES.size(), report.getFunnels().get(0).getSeeds());
  }

  private static String text(Choice choice) {
    return String.join(
        " ",
        choice.strategy().name(),
        choice.dataset(),
        choice.imageId(),
        choice.queryOrClusterId(),
        Integer.toString(choice.rank()));
  }

  private static String text(CuratedImage image) {
    return String.join(
        " ",
        image.getStrategy().name(),
        image.getDataset(),
        image.getImageId(),
        image.getQueryOrClusterId(),
        Integer.toString(image.getRank()));
  }

  private void registerSeeds(BlobStore blobs, ImageEmbedder embedder) {
    List<SeedImage> announced = new ArrayList<>();
    SeedRegistrar registrar = new SeedRegistrar(blobs, announced::add, InstantSource.system());
    registrar.register(
        "textures",
        SeedRole.SEED,
        Photos.FILES.stream()
            .map(
                file ->
                    new SeedFile(
                        file,
                        file,
                        Optional.empty(),
                        () -> CanonicalEncoding.encode(Photos.square(Photos.photo(file), 0)))));
    announced.forEach(seed -> CLUSTER.produce(Topics.SEED_REGISTERED, seed));
    for (SeedImage seed : announced) {
      RgbImage image = CanonicalEncoding.decode(blobs.read(seed.getBlob()));
      seeds.add(new Seed(seed.getImageId(), "textures", embedder.embed(List.of(image))[0]));
    }
  }

  /** Every other image brings no vector, so that the job must embed it itself. */
  private List<UniqueImage> uniqueImages(BlobStore blobs, ImageEmbedder embedder) {
    List<UniqueImage> images = new ArrayList<>();
    try (ShardWriter shard = blobs.openShard("test")) {
      for (int i = 0; i < WINDOW; i++) {
        RgbImage image =
            Photos.square(
                Photos.photo(Photos.FILES.get(i % Photos.FILES.size())),
                1 + i / Photos.FILES.size());
        String id = CanonicalEncoding.imageId(image);
        BlobRef blob = shard.append(id + ".png", CanonicalEncoding.encode(image));
        float[] vector = embedder.embed(List.of(image))[0];
        candidates.add(new Candidate(id, vector));
        Vector carried = i % 2 == 0 ? Vectors.of(embedder.space().id(), vector) : null;
        Instant now = Instant.now();
        images.add(
            new UniqueImage(
                "request" + i,
                id,
                blob,
                image.width(),
                image.height(),
                id,
                carried,
                new SourceUrls("http://site/" + i, null, null),
                now,
                now,
                now));
      }
      shard.sync();
    }
    return images;
  }
}
