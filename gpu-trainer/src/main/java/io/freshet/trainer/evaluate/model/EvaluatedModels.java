package io.freshet.trainer.evaluate.model;

import io.freshet.platform.registry.Manifest;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.EmbedderSpec.Kind;
import io.freshet.vision.embed.EmbeddingException;
import io.freshet.vision.embed.EmbeddingSpace;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.model.BackboneFile;
import io.freshet.vision.model.Preprocessing;
import io.freshet.vision.model.VisionTransformer;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Opens models of all kinds. A TorchScript file is a program and runs in this process: only a path
 * that the caller's user typed may lead to one.
 */
public final class EvaluatedModels {
  private static final int USUAL_CROP = 224;
  private static final int USUAL_RESIZE = 256;

  private final TorchScriptLibrary library;
  private final ModelOptions options;

  /**
   * @param library of {@link io.freshet.trainer.evaluate.torch.EvaluationScripts}; outlives the
   *     models
   */
  public EvaluatedModels(TorchScriptLibrary library, ModelOptions options) {
    this.library = library;
    this.options = options;
  }

  /**
   * A file or directory: Hugging Face's layout, a .safetensors or .pth file of weights, an ONNX
   * file, a TorchScript file.
   *
   * @throws IllegalArgumentException when it is none of them
   */
  public EvaluatedModel open(Path path) {
    try {
      if (Files.isRegularFile(path) && extension(path).equals("onnx")) {
        return onnx(path);
      }
      if (Files.isRegularFile(path) && isTorchScript(path)) {
        return torchScript(path);
      }
      return backbone(path.toString(), path, Optional.empty());
    } catch (IOException e) {
      throw new UncheckedIOException("can't read the model " + path, e);
    }
  }

  /**
   * A release.
   *
   * @param dir its verified directory
   */
  public EvaluatedModel release(Manifest manifest, Path dir) {
    EmbedderSpec spec = EmbedderSpec.fromMap(manifest.embedding());
    String name = "release " + manifest.id();
    try {
      return switch (spec.kind()) {
        case VIT -> backbone(name, dir, Optional.of(spec.preprocessing()));
        case ONNX, TORCHSCRIPT -> {
          EmbeddingSpace space = spec.space(manifest.name(), manifest.version());
          Preprocessing seen = options.over(spec.preprocessing());
          EmbedderSpec prepared = prepared(spec.kind(), spec.file(), spec.output(), seen);
          yield new EmbedderModel(
              name, ImageEmbedders.open(space, prepared, dir, options.threads()), seen);
        }
      };
    } catch (IOException e) {
      throw new UncheckedIOException("can't read " + name, e);
    }
  }

  /** The bundled MobileNetV2. */
  public EvaluatedModel bootstrap() {
    return new EmbedderModel(
        "the bundled MobileNetV2",
        ImageEmbedders.bootstrap(options.threads()),
        ImageEmbedders.bootstrapSpec().preprocessing());
  }

  /**
   * @param stated how images are prepared; empty = as the directory or the architecture tells
   */
  private EvaluatedModel backbone(String name, Path path, Optional<Preprocessing> stated)
      throws IOException {
    BackboneFile file = BackboneFile.read(path, options.heads());
    VisionTransformerConfig config = file.config();
    Path dir = file.file().toAbsolutePath().getParent();
    Preprocessing known = stated.or(() -> PreprocessorFile.in(dir)).orElseGet(() -> usual(config));
    String description =
        "%s: ViT %d wide, %d blocks, patch %d"
            .formatted(name, config.embedDim(), config.depth(), config.patchSize());
    VisionTransformer backbone = VisionTransformer.of(library, config, file.weights().backbone());
    try {
      return new BackboneModel(description, backbone, options.over(known));
    } catch (IllegalArgumentException e) {
      backbone.close();
      throw e;
    }
  }

  /** 256 and 224 as in DINOv2's evaluation, or in proportion for models of smaller images. */
  private static Preprocessing usual(VisionTransformerConfig config) {
    int side = Math.min(USUAL_CROP, config.imageSize());
    int crop = Math.max(1, side / config.patchSize()) * config.patchSize();
    return Preprocessing.imageNet(Math.round((float) crop * USUAL_RESIZE / USUAL_CROP), crop);
  }

  private EvaluatedModel onnx(Path file) {
    OnnxSignature signature = OnnxSignature.of(file);
    String output = signature.output(file, options.output());
    Preprocessing seen = stated(file, signature.side().orElse(USUAL_CROP));
    Path dir = file.toAbsolutePath().getParent();
    EmbedderSpec spec = prepared(Kind.ONNX, file.getFileName().toString(), output, seen);
    return embedder(
        file, seen, () -> ImageEmbedders.open(space(output), spec, dir, options.threads()));
  }

  private EvaluatedModel torchScript(Path file) {
    Preprocessing seen = stated(file, USUAL_CROP);
    EmbedderSpec spec =
        prepared(
            Kind.TORCHSCRIPT, file.getFileName().toString(), options.output().orElse(""), seen);
    return embedder(file, seen, () -> ImageEmbedders.openTorchScript(space("vector"), spec, file));
  }

  /** Opens an embedder. */
  private interface Opening {
    ImageEmbedder open();
  }

  private static EvaluatedModel embedder(Path file, Preprocessing seen, Opening opening) {
    try {
      return new EmbedderModel(file.toString(), opening.open(), seen);
    } catch (EmbeddingException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  /** What stands beside the file or one directory above it, else a square of {@code side}. */
  private Preprocessing stated(Path file, int side) {
    Path dir = file.toAbsolutePath().getParent();
    Path above = dir.getParent() == null ? dir : dir.getParent();
    Preprocessing square =
        options.unnormalised()
            ? new Preprocessing(side, side, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f))
            : Preprocessing.imageNet(side, side);
    return options.over(
        PreprocessorFile.in(dir).or(() -> PreprocessorFile.in(above)).orElse(square));
  }

  /** The embedder gets images that are cut to size already. */
  private static EmbedderSpec prepared(Kind kind, String file, String output, Preprocessing seen) {
    return new EmbedderSpec(
        kind,
        file,
        output,
        new Preprocessing(seen.imageSize(), seen.imageSize(), seen.mean(), seen.std()));
  }

  private static EmbeddingSpace space(String output) {
    String head = output.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9._-]", "-");
    return new EmbeddingSpace("file", 1, head.isEmpty() ? "vector" : head, "l2");
  }

  /** TorchScript's archives hold code; those of weights don't. */
  private static boolean isTorchScript(Path file) throws IOException {
    if (extension(file).equals("safetensors")) {
      return false;
    }
    try (ZipFile zip = new ZipFile(file.toFile())) {
      return zip.stream().anyMatch(entry -> entry.getName().contains("/code/"));
    } catch (ZipException e) {
      return false;
    }
  }

  private static String extension(Path path) {
    String name = path.getFileName().toString();
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }
}
