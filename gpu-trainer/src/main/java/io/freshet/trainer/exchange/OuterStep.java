package io.freshet.trainer.exchange;

import io.freshet.trainer.schedule.TrainingSchedules;
import java.util.List;
import java.util.function.LongToDoubleFunction;

/**
 * The outer step of DiLoCo: SGD with Nesterov momentum along the mean difference, as PyTorch
 * defines it ({@code m = mu m + g; x -= lr (g + mu m)}). The teacher follows the new student, the
 * centres are the mean of the workers'.
 *
 * <p>Plain Java arithmetic in a fixed order: equal input gives equal bits on every machine. That is
 * what lets each worker compute the outer state by itself.
 *
 * @param learningRate of the mean difference; 1 with momentum 0 is plain averaging
 * @param momentum mu, 0 to below 1
 * @param teacherMomentum share of the old teacher in the new one, by round
 */
public record OuterStep(
    double learningRate, double momentum, LongToDoubleFunction teacherMomentum) {

  /**
   * The outer step of workers that train by {@code schedules}: over a round the teacher keeps what
   * it would keep over the steps of the round.
   *
   * @param innerSteps steps of a round
   */
  public static OuterStep of(
      double learningRate, double momentum, TrainingSchedules schedules, int innerSteps) {
    return new OuterStep(
        learningRate,
        momentum,
        round -> {
          double kept = 1;
          for (long step = round * innerSteps; step < (round + 1) * innerSteps; step++) {
            kept *= schedules.at(step).momentum();
          }
          return kept;
        });
  }

  /**
   * The state of the next round.
   *
   * @param contributions in the order of the log; those that are not finite are left out, and if
   *     none is left only the round counts on
   * @param images that the contributions' steps saw
   */
  public OuterState apply(OuterState state, List<Contribution> contributions, long images) {
    List<Contribution> sound = contributions.stream().filter(Contribution::isFinite).toList();
    if (sound.isEmpty()) {
      return new OuterState(
          state.round() + 1,
          state.images(),
          state.student(),
          state.momentum(),
          state.teacher(),
          state.centers());
    }
    int size = state.student().length;
    float[] student = new float[size];
    float[] velocity = new float[size];
    float[] teacher = new float[size];
    double keep = teacherMomentum.applyAsDouble(state.round());
    for (int i = 0; i < size; i++) {
      double sum = 0;
      for (Contribution contribution : sound) {
        sum += contribution.delta()[i];
      }
      double gradient = sum / sound.size();
      velocity[i] = (float) (momentum * state.momentum()[i] + gradient);
      student[i] =
          (float) (state.student()[i] - learningRate * (gradient + momentum * velocity[i]));
      teacher[i] = (float) (keep * state.teacher()[i] + (1 - keep) * student[i]);
    }
    return new OuterState(
        state.round() + 1, state.images() + images, student, velocity, teacher, centers(sound));
  }

  private static float[] centers(List<Contribution> contributions) {
    float[] mean = new float[contributions.get(0).centers().length];
    for (int i = 0; i < mean.length; i++) {
      double sum = 0;
      for (Contribution contribution : contributions) {
        sum += contribution.centers()[i];
      }
      mean[i] = (float) (sum / contributions.size());
    }
    return mean;
  }
}
