package io.freshet.trainer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.config.Config;
import io.freshet.platform.config.ConfigException;
import io.freshet.trainer.branch.CooldownConfig;
import io.freshet.trainer.branch.DistillationConfig;
import io.freshet.trainer.branch.HighResolutionConfig;
import io.freshet.trainer.branch.StudentConfig;
import io.freshet.trainer.checkpoint.CheckpointConfig;
import io.freshet.trainer.data.ReplayConfig;
import io.freshet.trainer.evaluate.EvaluationConfig;
import io.freshet.trainer.evaluate.ProbesConfig;
import io.freshet.trainer.parallel.ParallelConfig;
import io.freshet.trainer.release.MetricBounds;
import io.freshet.trainer.release.ReleaseConfig;
import io.freshet.trainer.testing.ReleaseConfigs;
import io.freshet.trainer.torch.Precision;
import io.freshet.trainer.watch.WatchConfig;
import io.freshet.vision.model.VisionTransformerConfig.Ffn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TrainerSettingsTest {
  private static final Path CONF = Path.of("..", "deploy", "conf");

  @Test
  void theseAreTheDefaults() throws IOException {
    TrainerSettings settings = TrainerSettings.of(defaults());
    assertEquals(
        new CheckpointConfig(Path.of(".state/trainer/checkpoints"), 200, Duration.ofMinutes(1), 3),
        settings.checkpoint());
    assertEquals(new ReplayConfig(8192, 65536, 0.5, 512), settings.replay());
    assertEquals(
        new EvaluationConfig(
            true,
            Duration.ofSeconds(3),
            10,
            0.07,
            256,
            224,
            List.of(0.485, 0.456, 0.406),
            List.of(0.229, 0.224, 0.225),
            64,
            100_000,
            50_000,
            600,
            300,
            new ProbesConfig(1000, 500, 300, true, true)),
        settings.evaluation());
    assertEquals(
        new ReleaseConfig(
            "freshet",
            1000,
            1000,
            new CooldownConfig(0),
            new HighResolutionConfig(0, 518, 98, 0.1),
            new DistillationConfig(0, 1, List.of()),
            Path.of(".state/trainer/staging"),
            new MetricBounds(
                Optional.of(0.02),
                Optional.of(0.03),
                Optional.of(0.03),
                Optional.of(0.03),
                Optional.of(0.5),
                Optional.empty()),
            true,
            "Apache-2.0",
            "Not established. The images were crawled from the web and stay under the rights of their owners.",
            true,
            2,
            true),
        settings.release());
    assertEquals(new WatchConfig(20, 64), settings.watch());
    assertEquals(
        new StartConfig(Optional.empty(), StartConfig.Schedules.RESTART), settings.start());
    assertEquals(
        new RunConfig(20230414, Precision.AUTO, 2, 1, 4, 4096, 0, true, Duration.ofMinutes(1)),
        settings.run());
    assertEquals(
        new ParallelConfig(1, 1, 0, "trainers", 50, 0.7, 0.9, Duration.ofMinutes(2)),
        settings.parallel());
  }

  @Test
  void theDemoSeesTheCropsThatItTrainsOn() throws IOException {
    TrainerSettings demo = TrainerSettings.of(defaults().with(CONF.resolve("demo.yaml")));
    assertEquals(demo.recipe().crops().globalSize(), demo.evaluation().crop());
  }

  @Test
  void refusesAnEvaluationCropThatPatchesDoNotFill() throws IOException {
    Config config = defaults().with("trainer.evaluation.crop", "220");
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> TrainerSettings.of(config));
    assertTrue(refusal.getMessage().contains("patch_size"), refusal.getMessage());
  }

  @Test
  void readsStudentsAndRefusesLargeCropsThatPatchesDoNotFill() throws IOException {
    Config config =
        defaults()
            .with(
                "trainer.release.distillation.students",
                "[{model: freshet-small, embed_dim: 192, depth: 6, heads: 3, ffn: mlp}]");
    assertEquals(
        List.of(new StudentConfig("freshet-small", 192, 6, 3, Ffn.MLP)),
        TrainerSettings.of(config).release().distillation().students());
    Config uneven = config.with("trainer.release.high_resolution.steps", "10");
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> TrainerSettings.of(uneven));
    assertTrue(refusal.getMessage().contains("write 512 or 528"), refusal.getMessage());
  }

  @Test
  void refusesMoreDevicesThanImages() throws IOException {
    Config config = defaults().with("trainer.parallel.devices", "65");
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> TrainerSettings.of(config));
    assertTrue(refusal.getMessage().contains("batch_images"), refusal.getMessage());
  }

  @Test
  void namesTheKeyOfAValueThatMakesNoSense() throws IOException {
    Config config = defaults().with("trainer.checkpoint.retained", "1");
    ConfigException refusal = assertThrows(ConfigException.class, () -> TrainerSettings.of(config));
    assertTrue(refusal.getMessage().contains("retained"), refusal.getMessage());
  }

  @Test
  void aBoundOfAnUnknownMetricIsRefusedAndOneOfNullIsNone() throws IOException {
    ConfigException refusal =
        assertThrows(
            ConfigException.class, () -> defaults().with("trainer.release.bounds.knn_top", "0.1"));
    assertTrue(
        refusal.getMessage().contains("did you mean trainer.release.bounds.knn_top1?"),
        refusal.getMessage());
    Config config = defaults().with("trainer.release.bounds.rankme", "null");
    assertEquals(Optional.empty(), TrainerSettings.of(config).release().bounds().rankme());
  }

  @Test
  void releasesAreDueAtTheirSteps() {
    ReleaseConfig config = ReleaseConfigs.plain(100, 150, Path.of("s"), false);
    assertEquals(0, config.lastDue(99));
    assertEquals(100, config.lastDue(100));
    assertEquals(100, config.lastDue(249));
    assertEquals(250, config.lastDue(250));
    assertEquals(100, config.nextDue(0));
    assertEquals(250, config.nextDue(100));
    assertEquals(400, config.nextDue(399));
  }

  private static Config defaults() throws IOException {
    return Config.parse(Files.readString(CONF.resolve("defaults.yaml")));
  }
}
