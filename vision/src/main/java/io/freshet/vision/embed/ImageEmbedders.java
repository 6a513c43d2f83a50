package io.freshet.vision.embed;

import io.freshet.vision.embed.EmbedderSpec.Kind;
import io.freshet.vision.model.Preprocessing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Opens embedders. The caller closes what it gets. */
public final class ImageEmbedders {

  private static final long MAX_ONNX_BYTES = 1L << 31;

  private ImageEmbedders() {}

  /** One thread a call: jobs get their parallelism from calling on several threads. */
  private static final int DEFAULT_THREADS = 1;

  /**
   * Opens the model in {@code dir}, for example of a verified release.
   *
   * @throws EmbeddingException when the model cannot be used, or is TorchScript: see {@link
   *     #openTorchScript}
   */
  public static ImageEmbedder open(EmbeddingSpace space, EmbedderSpec spec, Path dir) {
    return open(space, spec, dir, DEFAULT_THREADS);
  }

  /**
   * The same with {@code threads} for one call of ONNX Runtime; libtorch has its own setting for
   * the whole process.
   */
  public static ImageEmbedder open(EmbeddingSpace space, EmbedderSpec spec, Path dir, int threads) {
    return switch (spec.kind()) {
      case VIT -> VitEmbedder.open(space, spec, dir);
      case ONNX -> OnnxEmbedder.open(space, spec, read(inside(dir, spec.file())), threads);
      case TORCHSCRIPT ->
          throw new EmbeddingException(
              "TorchScript files are programs: "
                  + spec.file()
                  + " is opened only by a path in the configuration, never from a release");
    };
  }

  /**
   * Opens a TorchScript file that the operator named in the configuration. {@code spec.file} is not
   * used.
   */
  public static ImageEmbedder openTorchScript(EmbeddingSpace space, EmbedderSpec spec, Path file) {
    if (spec.kind() != Kind.TORCHSCRIPT) {
      throw new IllegalArgumentException("spec is of kind " + spec.kind() + ", not TORCHSCRIPT");
    }
    return TorchScriptEmbedder.open(space, spec, file);
  }

  /** The bundled MobileNetV2's features, space {@link EmbeddingSpace#BOOTSTRAP}, 1792 numbers. */
  public static ImageEmbedder bootstrap() {
    return bootstrap(DEFAULT_THREADS);
  }

  public static ImageEmbedder bootstrap(int threads) {
    return OnnxEmbedder.open(
        EmbeddingSpace.BOOTSTRAP, bootstrapSpec(), BundledModel.MOBILENET_V2.bytes(), threads);
  }

  /** How the bootstrap embedder sees an image. */
  public static EmbedderSpec bootstrapSpec() {
    return new EmbedderSpec(
        Kind.ONNX,
        BundledModel.MOBILENET_V2.file(),
        "features",
        new Preprocessing(224, 224, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f)));
  }

  private static Path inside(Path dir, String file) {
    Path resolved = dir.resolve(file).normalize();
    if (!resolved.startsWith(dir.normalize())) {
      throw new EmbeddingException("the model file " + file + " lies outside " + dir);
    }
    return resolved;
  }

  private static byte[] read(Path file) {
    try {
      if (Files.size(file) >= MAX_ONNX_BYTES) {
        throw new EmbeddingException(
            file + " has " + Files.size(file) + " bytes, the limit is " + MAX_ONNX_BYTES);
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new EmbeddingException("the model " + file + " cannot be read: " + e.getMessage(), e);
    }
  }
}
