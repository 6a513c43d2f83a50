package io.freshet.trainer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.config.Config;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicAdmin;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.trainer.run.TrainerStatus.Phase;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The demo's recipe through the whole trainer: what it learns from photographs in 500 steps. */
@Tag("slow")
class PhotosLearningIT {
  private static final Path CONF = Path.of("..", "deploy", "conf");

  @RegisterExtension static final FreshetCluster CLUSTER = FreshetCluster.create();

  @TempDir private Path dir;

  @Test
  void recognisesSquaresOfPhotographsBetterThanBeforeTraining() throws Exception {
    Config config =
        Config.parse(Files.readString(CONF.resolve("defaults.yaml")))
            .with(CONF.resolve("demo.yaml"))
            .with("kafka.bootstrap_servers", CLUSTER.kafka().bootstrapServers())
            .with("kafka.topic_prefix", "learning-")
            .with("blobs.dir", dir.resolve("blobs").toString())
            .with("registry.dir", dir.resolve("registry").toString())
            .with("trainer.checkpoint.dir", dir.resolve("checkpoints").toString())
            .with("trainer.release.staging_dir", dir.resolve("staging").toString())
            .with("trainer.release.first_at_step", "100")
            .with("trainer.release.every_steps", "200")
            .with("trainer.run.max_steps", "500");
    TopicAdmin.ensureTopics(config.section("kafka", KafkaConfig.class));
    CuratedPhotos photos = new CuratedPhotos(config);
    photos.registerEvaluation(photos.photos(), 60, 60);
    photos.curate(0, 1500);

    TrainerRole role = new TrainerRole(config, ProgressListener.NONE);
    role.run();

    TrainerStatus status = role.status();
    System.out.println(status);
    assertEquals(Phase.STOPPED, status.phase());
    assertEquals(3, status.releases().size());
    double untrained = status.knnUntrained().get("photos");
    double trained = status.releases().get(2).knnTop1().get("photos");
    assertTrue(trained >= untrained + 0.05, "k-NN " + trained + ", before training " + untrained);
  }
}
