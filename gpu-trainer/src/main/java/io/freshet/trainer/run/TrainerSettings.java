package io.freshet.trainer.run;

import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.config.Config;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.trainer.checkpoint.CheckpointConfig;
import io.freshet.trainer.data.ReplayConfig;
import io.freshet.trainer.evaluate.EvaluationConfig;
import io.freshet.trainer.release.ReleaseConfig;
import io.freshet.trainer.step.TrainingConfig;

/** Every section that the trainer reads. */
record TrainerSettings(
    KafkaConfig kafka,
    BlobConfig blobs,
    RegistryConfig registry,
    TrainingConfig recipe,
    CheckpointConfig checkpoint,
    ReplayConfig replay,
    EvaluationConfig evaluation,
    ReleaseConfig release,
    StartConfig start,
    RunConfig run) {
  TrainerSettings {
    if (evaluation.crop() % recipe.model().patchSize() != 0) {
      throw new IllegalArgumentException(
          "trainer.evaluation.crop (%d) must be a multiple of trainer.recipe.model.patch_size (%d)"
              .formatted(evaluation.crop(), recipe.model().patchSize()));
    }
    if (release.highResolution().steps() > 0) {
      // Refuses crops that patches don't fill now, not at the first release.
      release.highResolution().recipe(recipe, 1);
    }
  }

  static TrainerSettings of(Config config) {
    return new TrainerSettings(
        config.section("kafka", KafkaConfig.class),
        config.section("blobs", BlobConfig.class),
        config.section("registry", RegistryConfig.class),
        config.section("trainer.recipe", TrainingConfig.class),
        config.section("trainer.checkpoint", CheckpointConfig.class),
        config.section("trainer.replay", ReplayConfig.class),
        config.section("trainer.evaluation", EvaluationConfig.class),
        config.section("trainer.release", ReleaseConfig.class),
        config.section("trainer.start", StartConfig.class),
        config.section("trainer.run", RunConfig.class));
  }
}
