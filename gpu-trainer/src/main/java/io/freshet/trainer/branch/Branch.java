package io.freshet.trainer.branch;

/**
 * The kinds of branches. Their numbers are part of the seed of what they see: they never change.
 */
enum Branch {
  COOLDOWN(1, "cooldown"),
  HIGH_RESOLUTION(2, "high resolution"),
  DISTILLATION(3, "distillation");

  private final long number;
  private final String title;

  Branch(long number, String title) {
    this.number = number;
    this.title = title;
  }

  long number() {
    return number;
  }

  /** What people call it. */
  String title() {
    return title;
  }
}
