package io.freshet.curator.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.curator.bootstrap.BootstrapModel;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.config.Config;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.testing.AlteredFile;
import io.freshet.platform.testing.PlainRelease;
import io.freshet.vision.embed.BundledModel;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.EmbeddingSpace;
import io.freshet.vision.embed.ImageEmbedders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The alias and the release behind it are altered on disk and mended again. */
class CurationEmbedderTest {
  private static final ModelVersion NEXT = new ModelVersion("next", 1);
  private static final String BOOTSTRAP_SPACE = EmbeddingSpace.BOOTSTRAP.id();

  @TempDir private Path temp;
  private Instant now = Instant.EPOCH;
  private ModelRegistry registry;
  private CurationEmbedder embedder;
  private Path alias;
  private Path weights;

  @BeforeEach
  void publish() throws IOException {
    Config config =
        Config.defaults()
            .with("blobs.dir", temp.resolve("blobs").toString())
            .with("registry.dir", temp.resolve("registry").toString());
    RegistryConfig settings = config.section("registry", RegistryConfig.class);
    registry = ModelRegistries.open(settings);
    BootstrapModel.ensurePublished(registry);
    EmbedderSpec spec = ImageEmbedders.bootstrapSpec();
    Path staged = Files.createDirectories(temp.resolve("staged"));
    Files.write(staged.resolve(spec.file()), BundledModel.MOBILENET_V2.bytes());
    registry.publish(NEXT.name(), staged, PlainRelease.mobileNet(1, spec.toMap()));
    alias = temp.resolve("registry/aliases/curation.json");
    weights = temp.resolve("registry/models/next/versions/1").resolve(spec.file());
    embedder =
        new CurationEmbedder(config.section("blobs", BlobConfig.class), settings, 4, () -> now);
  }

  @AfterEach
  void close() {
    embedder.close();
  }

  private void assertSpaceAfterARetry(String space) {
    now = now.plus(CurationEmbedder.RETRY);
    assertTrue(embedder.followAlias());
    assertEquals(space, embedder.space().id());
  }

  @Test
  void theOpenModelGoesOnWhileTheReleaseBehindTheAliasIsAlteredAndItIsTakenWhenMended()
      throws IOException {
    assertSpaceAfterARetry(BOOTSTRAP_SPACE);
    AlteredFile altered = AlteredFile.of(weights);
    registry.moveAlias("curation", NEXT);
    assertSpaceAfterARetry(BOOTSTRAP_SPACE);
    assertSpaceAfterARetry(BOOTSTRAP_SPACE);

    altered.mend();
    assertTrue(embedder.followAlias());
    assertEquals(BOOTSTRAP_SPACE, embedder.space().id(), "it isn't read for each batch");
    assertSpaceAfterARetry("next@1/features/l2");
  }

  @Test
  void theOpenModelGoesOnWhileTheAliasIsGarbageAlteredOrGone() throws IOException {
    assertSpaceAfterARetry(BOOTSTRAP_SPACE);
    AlteredFile.of(alias);
    assertSpaceAfterARetry(BOOTSTRAP_SPACE);
    Files.write(alias, new byte[] {0, -1, 7});
    assertSpaceAfterARetry(BOOTSTRAP_SPACE);
    Files.delete(alias);
    assertSpaceAfterARetry(BOOTSTRAP_SPACE);
    registry.moveAlias("curation", NEXT);
    assertSpaceAfterARetry("next@1/features/l2");
  }

  @Test
  void thereIsNoModelUntilAnAlteredOneIsMended() throws IOException {
    AlteredFile altered = AlteredFile.of(alias);
    assertFalse(embedder.followAlias());
    altered.mend();
    assertSpaceAfterARetry(BOOTSTRAP_SPACE);
  }

  @Test
  void anAliasThatNobodySetIsSaidWithItsRemedy() throws IOException {
    Files.delete(alias);
    String message = assertThrows(IllegalStateException.class, embedder::followAlias).getMessage();
    assertTrue(message.contains("freshet models promote bootstrap@1"), message);
  }

  @Test
  void aStartLeavesAnAlteredAliasAsItIs() throws IOException {
    AlteredFile.of(alias);
    byte[] altered = Files.readAllBytes(alias);
    BootstrapModel.ensurePublished(registry);
    assertEquals(-1, java.util.Arrays.mismatch(altered, Files.readAllBytes(alias)));
  }
}
