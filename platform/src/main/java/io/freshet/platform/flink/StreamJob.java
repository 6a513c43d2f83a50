package io.freshet.platform.flink;

/** One stage as a graph of operators. */
public interface StreamJob {
  /**
   * Stable for ever: checkpoint directory, consumer group and transactional ids derive from it.
   * Lower case letters, digits and dashes.
   */
  String name();

  /**
   * Reads top to bottom as the stage's data flow. Gives every operator a uid; a missing one fails
   * the start. Called once per submission, on the submitting thread.
   */
  void define(JobContext context);
}
