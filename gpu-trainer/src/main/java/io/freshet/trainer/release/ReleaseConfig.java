package io.freshet.trainer.release;

import io.freshet.trainer.branch.CooldownConfig;
import io.freshet.trainer.branch.DistillationConfig;
import io.freshet.trainer.branch.HighResolutionConfig;
import java.io.Serializable;
import java.nio.file.Path;

/**
 * Section {@code trainer.release}.
 *
 * @param model name in the registry
 * @param firstAtStep optimiser steps before the first release, at least 1
 * @param everySteps steps between releases, at least 1
 * @param cooldown the learning rate's way down to each release
 * @param highResolution a last phase on larger crops
 * @param distillation smaller students of each release
 * @param stagingDir where a release is put together before it is published; emptied at start
 * @param bounds how much worse than the champion a release may be to become champion all the same
 * @param moveCuration whether alias {@code curation} moves to a release that beats its target on
 *     every EVALUATION set
 * @param licence SPDX expression of the weights
 * @param dataLicence what the model card says of the rights in the training images, 1 to 500
 *     characters
 * @param trainingState whether a release carries heads and optimiser moments
 * @param adapters how many earlier releases a release carries adapters from and to, 0 to 16
 * @param int8 whether a release carries an ONNX form in eight bits, with its measured drift
 */
public record ReleaseConfig(
    String model,
    long firstAtStep,
    long everySteps,
    CooldownConfig cooldown,
    HighResolutionConfig highResolution,
    DistillationConfig distillation,
    Path stagingDir,
    MetricBounds bounds,
    boolean moveCuration,
    String licence,
    String dataLicence,
    boolean trainingState,
    int adapters,
    boolean int8)
    implements Serializable {
  private static final int MAX_DATA_LICENCE = 500;

  public ReleaseConfig {
    if (model.isBlank() || licence.isBlank()) {
      throw new IllegalArgumentException(
          "trainer.release: model '%s' and licence '%s' can't be empty".formatted(model, licence));
    }
    if (dataLicence.isBlank() || dataLicence.length() > MAX_DATA_LICENCE) {
      throw new IllegalArgumentException(
          "trainer.release.data_licence has %d characters; say in 1 to %d, that aren't all blank, what rights the training images are under"
              .formatted(dataLicence.length(), MAX_DATA_LICENCE));
    }
    if (adapters < 0 || adapters > 16) {
      throw new IllegalArgumentException(
          "trainer.release.adapters is " + adapters + "; write 0 to 16");
    }
    if (firstAtStep < 1 || everySteps < 1) {
      throw new IllegalArgumentException(
          "trainer.release: first_at_step %d and every_steps %d must be at least 1"
              .formatted(firstAtStep, everySteps));
    }
    if (distillation.students().stream().anyMatch(student -> student.model().equals(model))) {
      throw new IllegalArgumentException(
          "trainer.release: a student has the name of its teacher, '%s'; give it its own"
              .formatted(model));
    }
  }

  /** The newest step at or before {@code step} at which a release is due; 0 when there is none. */
  public long lastDue(long step) {
    return step < firstAtStep ? 0 : step - (step - firstAtStep) % everySteps;
  }

  /** The first step after {@code step} at which a release is due. */
  public long nextDue(long step) {
    return step < firstAtStep ? firstAtStep : lastDue(step) + everySteps;
  }
}
