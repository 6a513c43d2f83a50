package io.freshet.trainer.run;

import io.freshet.platform.blob.BlobStore;
import io.freshet.trainer.exchange.Exchange;
import io.freshet.trainer.exchange.KafkaExchange;
import io.freshet.trainer.parallel.ParallelConfig;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.time.Clock;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/** Who takes the steps, by section {@code trainer.parallel}. */
final class ParallelLearners {
  private ParallelLearners() {}

  /**
   * @param single takes steps on one device of this process alone; closed here unless it is what is
   *     returned or part of it
   */
  static Learner of(
      TrainerSettings settings,
      TorchScriptLibrary library,
      Learner single,
      BlobStore blobs,
      Clock clock,
      BooleanSupplier stopping) {
    ParallelConfig parallel = settings.parallel();
    Learner learner = single;
    if (parallel.devices() > 1) {
      StepSnapshot now = single.snapshot();
      single.close();
      learner =
          new DataParallelLearner(
              settings.recipe(), library, now, library.runtime().devices(parallel.devices()));
    }
    if (parallel.workers() == 1) {
      return learner;
    }
    String name = parallel.group() + "-" + parallel.worker();
    Exchange exchange = new KafkaExchange(settings.kafka(), blobs, parallel.group(), name, clock);
    TrainingSchedules schedules =
        TrainingSchedules.of(settings.recipe().schedule(), settings.recipe().batchImages());
    return new ExchangingLearner(
        parallel, learner, exchange, name + "-" + UUID.randomUUID(), schedules, stopping);
  }
}
