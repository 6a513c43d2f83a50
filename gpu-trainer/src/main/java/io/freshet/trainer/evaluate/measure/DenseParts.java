package io.freshet.trainer.evaluate.measure;

import io.freshet.trainer.evaluate.EvaluationProgress;
import io.freshet.trainer.evaluate.dense.DenseDirectory.Kind;
import io.freshet.trainer.evaluate.dense.DenseSamples;
import io.freshet.trainer.evaluate.dense.StoredSamples;
import io.freshet.trainer.evaluate.model.BackboneModel;
import io.freshet.trainer.evaluate.model.TokenBlocks;

/**
 * Tokens and maps that are learned from and that are asked, at least one of each. Who read them
 * closes them.
 */
record DenseParts(StoredSamples bank, StoredSamples queries) implements AutoCloseable {

  /**
   * Embeds the images, and tells the report which could not be used.
   *
   * @throws IllegalArgumentException when too few can
   */
  static DenseParts read(
      DenseSplit split,
      Kind kind,
      BackboneModel model,
      TokenBlocks blocks,
      EvaluationProgress progress,
      DirectoryReport report) {
    String name = kind == Kind.MASKS ? "segmentation" : "depth";
    DenseSamples samples = new DenseSamples(model, blocks, progress);
    StoredSamples bank = samples.of(split.bank(), name + ": learned from");
    try {
      DenseParts parts = new DenseParts(bank, samples.of(split.queries(), name + ": asked"));
      report.skip(samples.skipped());
      report.fact(
          name + "_split",
          "%,d learned from, %,d asked, %s"
              .formatted(bank.size(), parts.queries().size(), split.description()));
      parts.requireSome(name);
      return parts;
    } catch (RuntimeException e) {
      bank.close();
      throw e;
    }
  }

  private void requireSome(String name) {
    if (bank.isEmpty() || queries.isEmpty()) {
      queries.close();
      throw new IllegalArgumentException(
          "%d images with %s can be learned from and %d asked; at least 1 of each is needed"
              .formatted(bank.size(), name, queries.size()));
    }
  }

  /** Numbers of a token. */
  int dim() {
    return bank.get(0).blocks().get(0).dim();
  }

  @Override
  public void close() {
    bank.close();
    queries.close();
  }
}
