package io.freshet.trainer.branch;

import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Section {@code trainer.release.distillation}: smaller students that learn from the release's
 * teacher, all from the same of its forward passes.
 *
 * @param steps of the phase; 0 = none
 * @param learningRateFactor its peak learning rate over the recipe's, above 0
 * @param students the models to make; empty = none
 */
public record DistillationConfig(
    long steps, double learningRateFactor, List<StudentConfig> students) implements Serializable {
  public DistillationConfig {
    students = List.copyOf(students);
    if (steps < 0) {
      throw new IllegalArgumentException(
          "trainer.release.distillation.steps is " + steps + "; write 0 for none, or a count");
    }
    if (!(learningRateFactor > 0 && learningRateFactor < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "trainer.release.distillation.learning_rate_factor is %s; it must be above 0"
              .formatted(learningRateFactor));
    }
    Set<String> names = new HashSet<>();
    for (StudentConfig student : students) {
      if (!names.add(student.model())) {
        throw new IllegalArgumentException(
            "trainer.release.distillation.students has two with model '%s'; give each a name of its own"
                .formatted(student.model()));
      }
    }
  }

  /** Whether releases have students. */
  public boolean enabled() {
    return steps > 0 && !students.isEmpty();
  }
}
