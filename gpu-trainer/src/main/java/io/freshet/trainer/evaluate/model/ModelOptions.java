package io.freshet.trainer.evaluate.model;

import io.freshet.vision.model.Preprocessing;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the caller knows of a model better than its files, each only where given.
 *
 * @param resize shorter side before the crop, pixels
 * @param crop side of what the model sees, pixels
 * @param output name of an ONNX model's output, or key of a TorchScript model's
 * @param heads attention heads of weights without a configuration
 * @param unnormalised values of 0..1 go in as they are, where no file tells mean and deviation
 * @param threads of one call of ONNX Runtime, at least 1
 */
public record ModelOptions(
    OptionalInt resize,
    OptionalInt crop,
    Optional<String> output,
    OptionalInt heads,
    boolean unnormalised,
    int threads) {
  /** Nothing that the files don't tell. */
  public static ModelOptions none() {
    return new ModelOptions(
        OptionalInt.empty(),
        OptionalInt.empty(),
        Optional.empty(),
        OptionalInt.empty(),
        false,
        Runtime.getRuntime().availableProcessors());
  }

  /** With the given sizes in place of those of {@code known}. */
  Preprocessing over(Preprocessing known) {
    int side = crop.orElse(known.imageSize());
    int shorter = resize.orElse(crop.isPresent() ? proportional(known, side) : known.resize());
    return new Preprocessing(shorter, side, known.mean(), known.std());
  }

  private static int proportional(Preprocessing known, int side) {
    return (int) Math.max(side, Math.round((double) side * known.resize() / known.imageSize()));
  }
}
