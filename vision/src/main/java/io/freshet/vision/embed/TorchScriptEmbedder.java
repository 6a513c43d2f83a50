package io.freshet.vision.embed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchRuntimeException;
import io.freshet.vision.torch.TorchScriptFile;
import io.freshet.vision.torch.TorchValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Embeds with a TorchScript file that the operator chose, for example SSCD: {@code (N, 3, H, W)} to
 * {@code (N, D)}.
 */
final class TorchScriptEmbedder extends BatchedEmbedder {

  private final TorchRuntime runtime;
  private final TorchScriptFile module;
  private final String output;
  private final int dim;

  private TorchScriptEmbedder(
      EmbeddingSpace space, EmbedderSpec spec, TorchRuntime runtime, TorchScriptFile module) {
    super(space, spec);
    this.runtime = runtime;
    this.module = module;
    this.output = spec.output();
    this.dim =
        forward(new float[3 * spec.imageSize() * spec.imageSize()], 1, spec.imageSize())[0].length;
  }

  static TorchScriptEmbedder open(EmbeddingSpace space, EmbedderSpec spec, Path file) {
    TorchRuntime runtime = TorchRuntime.start();
    TorchScriptFile module;
    try {
      module = TorchScriptFile.open(runtime, file);
    } catch (IOException | TorchRuntimeException e) {
      throw new EmbeddingException(
          "the TorchScript model " + file + " cannot be used: " + e.getMessage(), e);
    }
    try {
      return new TorchScriptEmbedder(space, spec, runtime, module);
    } catch (EmbeddingException e) {
      module.close();
      throw e;
    }
  }

  @Override
  public int dim() {
    return dim;
  }

  @Override
  boolean takesSeveralCores() {
    return runtime.settings().threads() > 1;
  }

  @Override
  float[][] forward(float[] pixels, int count, int side) {
    try (NDManager call = runtime.newManager();
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray vectors =
          selected(module.forward(call, Tensors.of(call, pixels, count, 3, side, side)));
      if (vectors.getShape().dimension() != 2 || vectors.getShape().get(0) != count) {
        throw new EmbeddingException(
            "the TorchScript model gave the shape "
                + vectors.getShape()
                + " for "
                + count
                + " images");
      }
      float[] flat = vectors.toFloatArray();
      int width = flat.length / count;
      float[][] rows = new float[count][];
      for (int i = 0; i < count; i++) {
        rows[i] = Arrays.copyOfRange(flat, i * width, (i + 1) * width);
      }
      return rows;
    } catch (TorchRuntimeException e) {
      throw new EmbeddingException(
          "the TorchScript model of " + space() + " failed: " + e.getMessage(), e);
    }
  }

  private NDArray selected(TorchValue value) {
    if (output.isEmpty()) {
      return value.tensor();
    }
    NDArray array = value.dict().get(output);
    if (array == null) {
      throw new EmbeddingException(
          "the TorchScript model has no output " + output + " among " + value.dict().keySet());
    }
    return array;
  }

  @Override
  void release() {
    module.close();
  }
}
