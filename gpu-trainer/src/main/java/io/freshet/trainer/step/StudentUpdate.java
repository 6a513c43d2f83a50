package io.freshet.trainer.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.trainer.optim.OptimizerConfig;
import io.freshet.trainer.optim.ParameterGroup;
import io.freshet.trainer.optim.ParameterGroups;
import io.freshet.trainer.optim.ParameterRole;
import io.freshet.trainer.schedule.StepSettings;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import java.util.List;

/**
 * The end of every kind of step: AdamW moves the student by its gradients, which are clipped module
 * by module, its moving average follows, and the centres of the targets take their new values.
 * Owned by the thread that owns the state.
 */
public final class StudentUpdate {
  private final TorchScriptLibrary library;
  private final OptimizerConfig optimizer;
  private final ParameterGroups groups;
  private final TrainerState state;

  /**
   * @param library the trainer's scripts; stays the caller's
   * @param groups the parameters of {@code state} that are trained
   * @param state stays the caller's
   */
  public StudentUpdate(
      TorchScriptLibrary library,
      OptimizerConfig optimizer,
      ParameterGroups groups,
      TrainerState state) {
    this.library = library;
    this.optimizer = optimizer;
    this.groups = groups;
    this.state = state;
  }

  /**
   * Moves the state and counts the step.
   *
   * @param scope of the outcome's tensors
   * @param outcome finite
   */
  public StepResult apply(NDManager scope, StepOutcome outcome, int images, StepSettings settings) {
    move(scope, outcome, settings);
    follow(scope, settings.momentum());
    if (!outcome.centers().isEmpty()) {
      call(
          scope,
          "assign",
          TorchValue.tensors(state.centers()),
          TorchValue.tensors(outcome.centers()));
    }
    return counted(outcome, images, settings, false);
  }

  /** Counts the step and leaves everything else as it is. */
  public StepResult skip(StepOutcome outcome, StepSettings settings) {
    return counted(outcome, 0, settings, true);
  }

  private StepResult counted(
      StepOutcome outcome, int images, StepSettings settings, boolean skipped) {
    long step = state.step();
    state.advance(images);
    return new StepResult(
        step,
        state.imagesSeen(),
        outcome.losses(),
        outcome.norms(),
        outcome.targets(),
        settings,
        skipped);
  }

  private void move(NDManager scope, StepOutcome outcome, StepSettings settings) {
    call(scope, "count_update", TorchValue.tensor(state.updates()));
    int at = 0;
    for (ParameterGroup group : groups.groups()) {
      List<String> names = group.names();
      List<NDArray> gradients = outcome.gradients().subList(at, at + names.size());
      ParameterRole role = group.role();
      call(
          scope,
          "adamw",
          TorchValue.tensors(state.student(names)),
          TorchValue.tensors(gradients),
          TorchValue.tensors(state.expAvg(names)),
          TorchValue.tensors(state.expAvgSq(names)),
          TorchValue.tensor(state.updates()),
          TorchValue.real(optimizer.clipCoefficient(outcome.norms().get(role.module()))),
          TorchValue.real(role.learningRate(settings)),
          TorchValue.real(role.weightDecay(settings)),
          TorchValue.real(optimizer.beta1()),
          TorchValue.real(optimizer.beta2()),
          TorchValue.real(optimizer.epsilon()));
      at += names.size();
    }
  }

  private void follow(NDManager scope, double momentum) {
    call(
        scope,
        "follow",
        TorchValue.tensors(List.copyOf(state.teacher().values())),
        TorchValue.tensors(List.copyOf(state.student().values())),
        TorchValue.real(momentum));
  }

  private void call(NDManager scope, String method, TorchValue... arguments) {
    library.call(scope, GradMode.NO_GRAD, method, arguments);
  }
}
