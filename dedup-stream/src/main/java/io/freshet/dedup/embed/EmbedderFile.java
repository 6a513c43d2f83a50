package io.freshet.dedup.embed;

import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.EmbedderSpec.Kind;
import io.freshet.vision.embed.EmbeddingException;
import io.freshet.vision.embed.EmbeddingSpace;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.model.Preprocessing;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * A copy-detection model in one file, TorchScript ({@code .pt}, {@code .pth}, {@code .ts}) or ONNX
 * ({@code .onnx}), that sees images as the published SSCD models do: the shorter side is resized to
 * 288 pixels, the centre of 288 x 288 is cut out, channels are normalised by ImageNet's statistics;
 * it gives one tensor (N, D). A model that wants anything else needs an {@link EmbedderDirectory}.
 *
 * <p>The space is {@code file-DIGEST@1/embedding/l2}, where DIGEST are the first 16 hex digits of
 * the file's SHA-256: other weights are another space, another name of the file is not.
 *
 * @see <a href="https://github.com/facebookresearch/sscd-copy-detection">SSCD, "small_288"</a>
 */
public final class EmbedderFile {
  private static final int SIDE = 288;
  private static final int DIGITS = 16;

  private EmbedderFile() {}

  /**
   * Opens the model; the caller closes it. A TorchScript file is a program: name only one that you
   * trust.
   *
   * @throws IllegalArgumentException when it is of another kind, or can't be used like this
   */
  public static ImageEmbedder open(Path file) {
    Kind kind = kind(file);
    EmbedderSpec spec =
        new EmbedderSpec(
            kind, file.getFileName().toString(), "", Preprocessing.imageNet(SIDE, SIDE));
    EmbeddingSpace space =
        new EmbeddingSpace("file-" + digest(file).substring(0, DIGITS), 1, "embedding", "l2");
    try {
      return kind == Kind.TORCHSCRIPT
          ? ImageEmbedders.openTorchScript(space, spec, file)
          : ImageEmbedders.open(space, spec, file.toAbsolutePath().getParent());
    } catch (EmbeddingException e) {
      throw new IllegalArgumentException(
          "%s can't be used as SSCD is (%d x %d pixels, ImageNet's statistics, one output): %s; if it wants anything else, put it into a directory with %s"
              .formatted(file, SIDE, SIDE, e.getMessage(), EmbedderDirectory.FILE),
          e);
    }
  }

  private static Kind kind(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".onnx")) {
      return Kind.ONNX;
    }
    if (name.endsWith(".pt") || name.endsWith(".pth") || name.endsWith(".ts")) {
      return Kind.TORCHSCRIPT;
    }
    throw new IllegalArgumentException(
        "%s is no model: the file of a copy detector ends in .pt, .pth or .ts (TorchScript), or in .onnx"
            .formatted(file));
  }

  private static String digest(Path file) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      try (InputStream bytes = new DigestInputStream(Files.newInputStream(file), sha256)) {
        bytes.transferTo(OutputStream.nullOutputStream());
      }
      return HexFormat.of().formatHex(sha256.digest());
    } catch (IOException e) {
      throw new UncheckedIOException("%s can't be read".formatted(file), e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
