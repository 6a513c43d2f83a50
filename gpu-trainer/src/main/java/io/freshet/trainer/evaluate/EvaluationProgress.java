package io.freshet.trainer.evaluate;

/** Hears how far a long evaluation is. Called by the thread that evaluates. */
@FunctionalInterface
public interface EvaluationProgress {
  /** Says nothing. */
  EvaluationProgress SILENT = (phase, done, total) -> {};

  /**
   * @param phase what is being done
   * @param done 0 to {@code total}, never less than before within a phase
   */
  void at(String phase, long done, long total);
}
