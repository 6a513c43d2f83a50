package io.freshet.trainer.evaluate.geometry;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import java.util.List;

/** How features lie in their space. Holds no features. Thread-safe. */
public final class FeatureGeometry {
  private final TorchScriptLibrary library;

  /**
   * @param library of {@link io.freshet.trainer.evaluate.torch.EvaluationScripts}, or for RankMe
   *     alone of {@link io.freshet.trainer.torch.TrainerScripts}; stays the caller's
   */
  public FeatureGeometry(TorchScriptLibrary library) {
    this.library = library;
  }

  /**
   * RankMe (arXiv 2210.02885): the effective number of dimensions, 1 to the smaller of rows and
   * dim.
   *
   * @param features (rows, dim)
   */
  public double rankme(List<float[]> features) {
    return measured("effective_rank", features);
  }

  /**
   * Mean squared distance on the unit sphere of features that belong together, 0 to 4; lower is
   * better (arXiv 2005.10242).
   *
   * @param views two of each image, in the same order
   */
  public double alignment(List<float[]> views, List<float[]> otherViews) {
    if (views.size() != otherViews.size()) {
      throw new IllegalArgumentException(
          "%d views and %d others; each needs one".formatted(views.size(), otherViews.size()));
    }
    try (NDManager call = library.runtime().newManager()) {
      return scalar(
          library
              .call(
                  call,
                  GradMode.NO_GRAD,
                  "alignment",
                  TorchValue.tensor(tensor(call, views)),
                  TorchValue.tensor(tensor(call, otherViews)))
              .tensor());
    }
  }

  /**
   * Logarithm of the mean Gaussian potential of all pairs on the unit sphere, -8 to 0; lower is
   * more even (arXiv 2005.10242). At least two features.
   */
  public double uniformity(List<float[]> features) {
    if (features.size() < 2) {
      throw new IllegalArgumentException(
          "uniformity of " + features.size() + " features; it needs at least 2");
    }
    return measured("uniformity", features);
  }

  private double measured(String measure, List<float[]> features) {
    try (NDManager call = library.runtime().newManager()) {
      return scalar(
          library
              .call(call, GradMode.NO_GRAD, measure, TorchValue.tensor(tensor(call, features)))
              .tensor());
    }
  }

  private static NDArray tensor(NDManager owner, List<float[]> rows) {
    int dim = rows.get(0).length;
    float[] flat = new float[Math.multiplyExact(rows.size(), dim)];
    for (int row = 0; row < rows.size(); row++) {
      System.arraycopy(rows.get(row), 0, flat, row * dim, dim);
    }
    return Tensors.of(owner, flat, rows.size(), dim);
  }

  private static double scalar(NDArray array) {
    return array.toFloatArray()[0];
  }
}
