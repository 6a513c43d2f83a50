package io.freshet.trainer.evaluate.measure;

import io.freshet.trainer.evaluate.directory.LabelledDirectory;
import io.freshet.trainer.evaluate.probe.LinearSweepConfig;
import java.util.Optional;

/**
 * How a directory is measured.
 *
 * @param maxImages images that are used at most, a random choice of them; at least 2
 * @param linear the linear probe's training
 * @param seed of every choice
 * @param corruptions whether queries are measured again under corruptions
 * @param shifted another set that is asked with the same bank, if any
 */
public record MeasureOptions(
    int maxImages,
    LinearSweepConfig linear,
    long seed,
    boolean corruptions,
    Optional<LabelledDirectory> shifted) {
  public MeasureOptions {
    if (maxImages < 2) {
      throw new IllegalArgumentException("at most " + maxImages + " images; it must be at least 2");
    }
  }
}
