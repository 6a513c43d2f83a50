package io.freshet.deploy.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.deploy.demo.DemoImages;
import io.freshet.deploy.demo.DemoImages.Split;
import io.freshet.platform.config.Config;
import io.freshet.trainer.exchange.OuterState;
import io.freshet.trainer.parallel.ParallelConfig;
import io.freshet.trainer.step.TrainingBatch;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.trainer.torch.TrainerScripts;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LocalWorkersTest {
  private static final Config TINY =
      TinyPhotoRecipe.config()
          .with("trainer.parallel.workers", "3")
          .with("trainer.parallel.inner_steps", "2");

  @Test
  void allWorkersGoOnFromOneStateThatCountsTheImagesOfAll() {
    TrainingConfig recipe = TINY.section("trainer.recipe", TrainingConfig.class);
    ParallelConfig parallel = TINY.section("trainer.parallel", ParallelConfig.class);
    List<TrainingBatch> batches;
    try (DemoImages images = DemoImages.open(Path.of("data"))) {
      CropFeed feed = new CropFeed(recipe, BenchImages.squares(images, Split.TRAIN, 200), 1);
      batches = IntStream.range(0, 4).mapToObj(feed::batch).toList();
    }
    try (TorchScriptLibrary scripts = TrainerScripts.load(TorchRuntime.start());
        LocalWorkers workers = new LocalWorkers(recipe, parallel, scripts, batches, 1)) {
      int begun = workers.outer().get(0).checksum();
      workers.round();
      workers.round();
      List<OuterState> states = workers.outer();
      for (OuterState state : states) {
        assertEquals(2, state.round());
        assertEquals(2 * 3 * 2 * TinyPhotoRecipe.BATCH, state.images());
        assertEquals(states.get(0).checksum(), state.checksum());
      }
      assertNotEquals(begun, states.get(0).checksum());
      assertTrue(workers.exchangeMillis() > 0);
    }
  }
}
