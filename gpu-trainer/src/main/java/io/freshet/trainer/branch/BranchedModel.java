package io.freshet.trainer.branch;

import io.freshet.trainer.step.StepSnapshot;
import io.freshet.vision.model.VisionTransformerConfig;
import java.util.List;

/**
 * What came out of branches.
 *
 * @param model name in the registry
 * @param backbone architecture of the teacher in {@code state}, which is what is released
 * @param state at the end of the last branch
 * @param branches what it went through, in order, for people
 */
public record BranchedModel(
    String model, VisionTransformerConfig backbone, StepSnapshot state, List<String> branches) {
  public BranchedModel {
    branches = List.copyOf(branches);
  }
}
