package io.freshet.vision.embed;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The space that vectors live in; vectors of different spaces must not be compared.
 *
 * @param model name of the model
 * @param version its version, from 1
 * @param head which output of the model, for example {@code cls} or {@code features}
 * @param normalisation {@code l2} or {@code none}
 */
public record EmbeddingSpace(String model, int version, String head, String normalisation) {

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
  private static final Pattern ID = Pattern.compile("([^@/]+)@(\\d{1,9})/([^@/]+)/([^@/]+)");

  /** The bundled MobileNetV2's features. */
  public static final EmbeddingSpace BOOTSTRAP =
      new EmbeddingSpace("bootstrap", 1, "features", "l2");

  public EmbeddingSpace {
    if (!NAME.matcher(model).matches() || !NAME.matcher(head).matches()) {
      throw new IllegalArgumentException(
          "model and head match " + NAME + ", given are " + model + " and " + head);
    }
    if (version < 1) {
      throw new IllegalArgumentException("version counts from 1, was " + version);
    }
    if (!normalisation.equals("l2") && !normalisation.equals("none")) {
      throw new IllegalArgumentException("normalisation is l2 or none, was " + normalisation);
    }
  }

  /** {@code model@version/head/normalisation}, for example {@code bootstrap@1/features/l2}. */
  public String id() {
    return model + "@" + version + "/" + head + "/" + normalisation;
  }

  /** The space that {@link #id} names. */
  public static EmbeddingSpace parse(String id) {
    Matcher m = ID.matcher(id);
    if (!m.matches()) {
      throw new IllegalArgumentException("a space is model@version/head/normalisation, was " + id);
    }
    return new EmbeddingSpace(m.group(1), Integer.parseInt(m.group(2)), m.group(3), m.group(4));
  }

  /** Of what the same model makes of an image's patches, as it gives it. */
  public EmbeddingSpace patches() {
    return new EmbeddingSpace(model, version, "patch", "none");
  }

  public boolean isL2() {
    return normalisation.equals("l2");
  }

  @Override
  public String toString() {
    return id();
  }
}
