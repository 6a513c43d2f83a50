package io.freshet.trainer.run;

import io.freshet.trainer.data.BatchComposer;
import io.freshet.trainer.data.BatchPlan;
import io.freshet.trainer.data.Sample;
import io.freshet.trainer.step.StepResult;
import io.freshet.trainer.step.StepSnapshot;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows from a step that was not finite, and so changed nothing: its images go into
 * quarantine, and after {@value #MAX_SKIPS} in a row the tensors of the newest good snapshot are
 * taken back. Where the pixels of some images were at fault only these are kept out, and the step
 * says nothing about the tensors.
 *
 * <p>{@value #MAX_ROLL_BACKS} returns with fewer than {@value #STEPS_OF_PROGRESS} applied steps
 * between each and the next end the run: the cause is then neither an image nor a single update.
 *
 * <p>Owned by the training thread.
 */
final class UpdateGuard {
  static final int MAX_SKIPS = 3;
  static final int MAX_ROLL_BACKS = 3;
  static final int STEPS_OF_PROGRESS = 100;
  private static final int SHOWN_IDS = 3;

  private static final Logger LOG = LoggerFactory.getLogger(UpdateGuard.class);

  private final BatchComposer composer;
  private final Learner learner;
  private StepSnapshot good;
  private int skipsInARow;
  private int rollBacks;
  private int applied;

  UpdateGuard(BatchComposer composer, Learner learner) {
    this.composer = composer;
    this.learner = learner;
  }

  /** Says what to go back to when steps stop being finite; its tensors are finite. */
  void good(StepSnapshot snapshot) {
    good = snapshot;
  }

  /**
   * Looks at a step that was run.
   *
   * @param badImages places in the batch whose pixels were not finite
   * @throws TrainingDivergedException when going back doesn't help, or no image is left
   */
  void after(StepResult result, BatchPlan plan, List<Integer> badImages) {
    if (!result.skipped()) {
      skipsInARow = 0;
      applied++;
      return;
    }
    List<String> ids = imageIds(plan, badImages);
    LOG.warn(
        "step {} was skipped: {}, losses {}, gradient norms {}; kept out from now on: {}",
        result.step(),
        badImages.isEmpty() ? "its pixels are finite" : "pixels that are not finite",
        result.losses(),
        result.gradientNorms(),
        summary(ids));
    composer.quarantine(ids);
    if (composer.bufferedImages() == 0) {
      throw new TrainingDivergedException(
          "no step is finite any more and every image of the buffer is in quarantine; "
              + "lower trainer.recipe.schedule.learning_rate or start from an older checkpoint");
    }
    if (badImages.isEmpty()) {
      skipsInARow++;
      if (skipsInARow >= MAX_SKIPS && good != null) {
        rollBack(skipsInARow + " steps in a row were not finite");
      }
    }
  }

  private static List<String> imageIds(BatchPlan plan, List<Integer> badImages) {
    List<Sample> samples =
        badImages.isEmpty() ? plan.samples() : badImages.stream().map(plan.samples()::get).toList();
    return samples.stream().map(Sample::imageId).distinct().toList();
  }

  /** How many images and the first of them; the replay manifest of a checkpoint has all. */
  static String summary(List<String> ids) {
    String first = String.join(", ", ids.subList(0, Math.min(SHOWN_IDS, ids.size())));
    return "%d images: %s%s".formatted(ids.size(), first, ids.size() > SHOWN_IDS ? ", ..." : "");
  }

  /**
   * Takes the tensors of the newest good snapshot back; the count of steps goes on.
   *
   * @throws TrainingDivergedException when that was done too often without progress
   */
  void rollBack(String why) {
    rollBacks = applied >= STEPS_OF_PROGRESS ? 1 : rollBacks + 1;
    if (rollBacks > MAX_ROLL_BACKS) {
      throw new TrainingDivergedException(
          ("%s, after %d returns to good tensors with fewer than %d applied steps between them; lower"
                  + " trainer.recipe.schedule.learning_rate or set"
                  + " trainer.recipe.optimizer.clip_norm, or move the newest files out of"
                  + " trainer.checkpoint.dir to go on from an older checkpoint")
              .formatted(why, MAX_ROLL_BACKS, STEPS_OF_PROGRESS));
    }
    LOG.error("{}: back to the tensors of step {}", why, good.step());
    learner.rollBack(good);
    skipsInARow = 0;
    applied = 0;
  }
}
