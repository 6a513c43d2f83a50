package io.freshet.vision.embed;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The two small models that travel with Freshet, with their licences, as resources. Their bytes are
 * checked before use.
 */
public enum BundledModel {
  /**
   * NSFWJS MobileNetV2 (MIT): {@code input (N, 3, 224, 224)} RGB 0..1; {@code probs (N, 5)}, {@code
   * features (N, 1792)}.
   */
  MOBILENET_V2(
      "nsfw_mobilenet_v2_mid.onnx",
      "a9692d256381e1ae6f1c2fefb705e16c313cf5c83fae500fcbb0f9d902196c5b"),
  /** MediaPipe BlazeFace, back camera (Apache-2.0): {@code input:0 (1, 256, 256, 3)} RGB -1..1. */
  BLAZEFACE(
      "blazeface_back_256.onnx",
      "427cbbe0fc41448d09e1dc9cfabe2423d997cf2faaeab91fadd09a510b63b8e2");

  private static final String FOLDER = "/io/freshet/vision/models/";

  private final String file;
  private final String sha256;

  BundledModel(String file, String sha256) {
    this.file = file;
    this.sha256 = sha256;
  }

  /** The resource's file name. */
  public String file() {
    return file;
  }

  /** Lower-case hexadecimal SHA-256 of the model. */
  public String sha256() {
    return sha256;
  }

  /**
   * The ONNX model.
   *
   * @throws EmbeddingException when the resource is missing or altered
   */
  public byte[] bytes() {
    try (InputStream in = BundledModel.class.getResourceAsStream(FOLDER + file)) {
      if (in == null) {
        throw new EmbeddingException("the bundled model " + file + " is not in the vision jar");
      }
      byte[] bytes = in.readAllBytes();
      String actual = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
      if (!actual.equals(sha256)) {
        throw new EmbeddingException(
            "the bundled model " + file + " has SHA-256 " + actual + ", expected " + sha256);
      }
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException("reading the bundled model " + file, e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
