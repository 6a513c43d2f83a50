package io.freshet.trainer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.trainer.checkpoint.StateTensor;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import java.util.Map;

/**
 * Resamples a learned position embedding to the grid of another image size, bicubic, exactly as the
 * backbone's forward pass does for such an image: a model computes the same at that size before and
 * after.
 */
public final class PositionGrid {
  /** The embedding's name in a training checkpoint. */
  public static final String PARAMETER = "backbone.pos_embed";

  private final TorchScriptLibrary library;

  /**
   * @param library stays the caller's
   */
  public PositionGrid(TorchScriptLibrary library) {
    this.library = library;
  }

  /**
   * @param embedding (1, 1 + M * M, D) of any grid M
   * @param target whose grid N is wanted
   * @return (1, 1 + N * N, D); {@code embedding} itself when it has that grid already
   */
  public StateTensor resample(StateTensor embedding, VisionTransformerConfig target) {
    long grid = target.gridSize();
    if (embedding.shape().get(1) == 1 + grid * grid) {
      return embedding;
    }
    try (NDManager scope = library.runtime().newManager()) {
      NDArray stored = Tensors.of(scope, embedding.floats(), embedding.dims());
      float[] resampled =
          library
              .call(
                  scope,
                  GradMode.NO_GRAD,
                  "interpolate_pos_encoding",
                  TorchValue.dict(Map.of("pos_embed", stored)),
                  TorchValue.integer(grid),
                  TorchValue.integer(grid),
                  TorchValue.real(target.interpolateOffset()),
                  TorchValue.flag(target.interpolateAntialias()))
              .tensor()
              .toFloatArray();
      return StateTensor.of(resampled, 1, 1 + grid * grid, target.embedDim());
    }
  }
}
