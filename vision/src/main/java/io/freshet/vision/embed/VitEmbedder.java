package io.freshet.vision.embed;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.model.Features;
import io.freshet.vision.model.HuggingFaceDirectory;
import io.freshet.vision.model.VisionTransformer;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.ScriptSource;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Embeds with the own vision transformer, read from a directory in Hugging Face's layout. */
final class VitEmbedder extends BatchedEmbedder implements PatchEmbedder {

  private static final String CLS = "cls";
  private static final String CLS_MEAN_PATCH = "cls_mean_patch";

  private final TorchScriptLibrary library;
  private final VisionTransformer model;
  private final boolean withPatches;

  private VitEmbedder(
      EmbeddingSpace space,
      EmbedderSpec spec,
      TorchScriptLibrary library,
      VisionTransformer model) {
    super(space, spec);
    this.library = library;
    this.model = model;
    this.withPatches = spec.output().equals(CLS_MEAN_PATCH);
  }

  static VitEmbedder open(EmbeddingSpace space, EmbedderSpec spec, Path dir) {
    if (!spec.output().equals(CLS) && !spec.output().equals(CLS_MEAN_PATCH)) {
      throw new EmbeddingException(
          "a vision transformer's output is "
              + CLS
              + " or "
              + CLS_MEAN_PATCH
              + ", was "
              + spec.output());
    }
    if (!spec.file().equals(HuggingFaceDirectory.WEIGHTS)) {
      throw new EmbeddingException(
          "a vision transformer's file is "
              + HuggingFaceDirectory.WEIGHTS
              + ", was "
              + spec.file());
    }
    TorchScriptLibrary library =
        TorchScriptLibrary.load(TorchRuntime.start(), ScriptSource.visionTransformer());
    try {
      VisionTransformer model = HuggingFaceDirectory.open(dir, library);
      if (spec.imageSize() % model.config().patchSize() != 0) {
        model.close();
        throw new EmbeddingException(
            "image_size "
                + spec.imageSize()
                + " is no multiple of the patch size "
                + model.config().patchSize());
      }
      return new VitEmbedder(space, spec, library, model);
    } catch (IOException | RuntimeException e) {
      library.close();
      throw new EmbeddingException(
          "the vision transformer in " + dir + " cannot be used: " + e.getMessage(), e);
    }
  }

  @Override
  public int dim() {
    return (withPatches ? 2 : 1) * model.config().embedDim();
  }

  @Override
  public EmbeddingSpace patchSpace() {
    return space().patches();
  }

  @Override
  public int patchesPerSide() {
    return side() / model.config().patchSize();
  }

  @Override
  public int patchDim() {
    return model.config().embedDim();
  }

  @Override
  boolean takesSeveralCores() {
    return library.runtime().settings().threads() > 1;
  }

  @Override
  float[][] forward(float[] pixels, int count, int side) {
    Tokens tokens = tokens(pixels, count, withPatches);
    return IntStream.range(0, count).mapToObj(i -> vector(tokens, i)).toArray(float[][]::new);
  }

  @Override
  public List<Embedded> embedWithPatches(List<RgbImage> images) {
    List<Embedded> embedded = new ArrayList<>();
    inBatches(
        images,
        (pixels, count, start) -> {
          Tokens tokens = tokens(pixels, count, true);
          int length = tokens.patches().length / count;
          for (int i = 0; i < count; i++) {
            float[] patches = Arrays.copyOfRange(tokens.patches(), i * length, (i + 1) * length);
            requireFinite(patches);
            embedded.add(new Embedded(finished(vector(tokens, i)), patches));
          }
        });
    return embedded;
  }

  private void requireFinite(float[] patches) {
    for (float element : patches) {
      if (!Float.isFinite(element)) {
        throw new EmbeddingException(
            "the model of " + space() + " gave the patch element " + element);
      }
    }
  }

  /**
   * What the model gives for a batch.
   *
   * @param cls {@code (count, D)}
   * @param patches {@code (count, N, D)}; empty when they weren't asked for
   */
  private record Tokens(int count, float[] cls, float[] patches) {}

  private Tokens tokens(float[] pixels, int count, boolean patchesToo) {
    try (NDManager call = library.runtime().newManager();
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray images = Tensors.of(call, pixels, count, 3, side(), side());
      Features features = model.forwardFeatures(call, GradMode.INFERENCE_MODE, images);
      return new Tokens(
          count,
          features.clsToken().toFloatArray(),
          patchesToo ? features.patchTokens().toFloatArray() : new float[0]);
    }
  }

  private float[] vector(Tokens tokens, int i) {
    int width = model.config().embedDim();
    float[] vector = Arrays.copyOfRange(tokens.cls(), i * width, i * width + dim());
    if (withPatches) {
      addMean(tokens.patches(), i, tokens.count(), width, vector);
    }
    return vector;
  }

  /** Writes the mean patch token of image {@code i} behind its class token. */
  private static void addMean(float[] patches, int i, int count, int width, float[] into) {
    int tokens = patches.length / count / width;
    Arrays.fill(into, width, 2 * width, 0);
    for (int token = 0; token < tokens; token++) {
      int from = (i * tokens + token) * width;
      for (int d = 0; d < width; d++) {
        into[width + d] += patches[from + d] / tokens;
      }
    }
  }

  @Override
  void release() {
    model.close();
    library.close();
  }
}
