package io.freshet.vision.torch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * One file of TorchScript source: top-level {@code def}s whose first parameter is {@code self}. All
 * files of a library become methods of one module, so they call each other as {@code
 * self.name(...)}.
 *
 * @param name shown in errors
 * @param text the source
 */
public record ScriptSource(String name, String text) {

  /** The vision transformer: forward passes of every kind. */
  public static final List<String> VISION_TRANSFORMER =
      List.of(
          "linear.py",
          "layer_norm.py",
          "patch_embed.py",
          "pos_embed.py",
          "attention.py",
          "mlp.py",
          "swiglu_ffn.py",
          "layer_scale.py",
          "drop_path.py",
          "block.py",
          "vision_transformer.py");

  /**
   * Reads {@code file} beside {@code anchor}: the anchor's class loader finds files of its own
   * module.
   */
  public static ScriptSource beside(Class<?> anchor, String file) {
    try (InputStream in = anchor.getResourceAsStream(file)) {
      if (in == null) {
        throw new TorchRuntimeException("no script " + file + " beside " + anchor.getName());
      }
      return new ScriptSource(file, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("reading script " + file, e);
    }
  }

  /** Reads several files beside {@code anchor}. */
  public static List<ScriptSource> beside(Class<?> anchor, List<String> files) {
    return files.stream().map(file -> beside(anchor, file)).toList();
  }

  /** The sources of the vision transformer, to which others add their losses and steps. */
  public static List<ScriptSource> visionTransformer() {
    return beside(ScriptSource.class, VISION_TRANSFORMER);
  }
}
