package io.freshet.trainer.run;

/** Hears what the trainer does. Called on the trainer's threads: return at once, throw nothing. */
public interface ProgressListener {
  /** Hears nothing. */
  ProgressListener NONE = new ProgressListener() {};

  /** The trainer entered a phase. */
  default void onPhase(TrainerStatus.Phase phase, String detail) {}

  default void onStep(StepProgress progress) {}

  default void onRelease(ReleaseSummary release) {}
}
