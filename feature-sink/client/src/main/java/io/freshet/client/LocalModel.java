package io.freshet.client;

import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.ReleaseCatalog;
import io.freshet.platform.registry.ReleaseDirectory;
import io.freshet.platform.registry.ReleasePull;
import io.freshet.platform.registry.TrustedKeys;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.EmbedderSpec.Kind;
import io.freshet.vision.embed.EmbeddingSpace;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.image.DecodeLimits;
import io.freshet.vision.image.ImageDecoder;
import io.freshet.vision.image.ImageRejectedException;
import java.nio.file.Path;
import java.util.List;

/**
 * A release on this machine, computed by ONNX Runtime: its vectors are comparable with the features
 * of its {@link #space}. Every byte was compared with the manifest before ONNX Runtime saw it.
 *
 * <p>Thread-safe; closed by whoever opened it.
 */
public final class LocalModel implements AutoCloseable {
  private static final String ONNX = "onnx/model.onnx";

  private final ImageEmbedder embedder;
  private final ImageDecoder decoder = new ImageDecoder(DecodeLimits.DEFAULTS);

  private LocalModel(ImageEmbedder embedder) {
    this.embedder = embedder;
  }

  /**
   * Copies a release out of a registry, unless it is there already, and opens it.
   *
   * @param reference {@code freshet@12} or an alias
   * @param cache directory that holds one directory for each release
   * @throws IllegalArgumentException when the registry has no such release, or it has no ONNX form
   * @throws io.freshet.platform.registry.RegistryException when it can't be had or was altered
   */
  public static LocalModel pull(ReleaseCatalog catalog, String reference, Path cache) {
    return pull(catalog, reference, cache, TrustedKeys.of(List.of()));
  }

  /**
   * The same for whoever uses the releases of certain publishers only.
   *
   * @param trusted one of these keys must have signed the release, also one that is there already
   * @throws io.freshet.platform.registry.ReleaseAlteredException when none of them did
   */
  public static LocalModel pull(
      ReleaseCatalog catalog, String reference, Path cache, TrustedKeys trusted) {
    ModelVersion version =
        catalog
            .resolve(reference)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the registry has no release or alias '%.80s'".formatted(reference)));
    Path dir = cache.resolve(version.toString());
    new ReleasePull(catalog, trusted, bytes -> {}).pull(catalog.manifest(version), dir);
    return open(dir);
  }

  /**
   * @param dir a release, as {@code freshet models pull} leaves it
   * @throws io.freshet.platform.registry.ReleaseAlteredException when it is not what was published
   */
  public static LocalModel open(Path dir) {
    Manifest manifest = ReleaseDirectory.verify(dir);
    EmbedderSpec spec = EmbedderSpec.fromMap(manifest.embedding());
    EmbeddingSpace space = spec.space(manifest.name(), manifest.version());
    return new LocalModel(ImageEmbedders.open(space, onnx(manifest, spec), dir));
  }

  private static EmbedderSpec onnx(Manifest manifest, EmbedderSpec spec) {
    if (spec.kind() == Kind.ONNX) {
      return spec;
    }
    if (!spec.output().equals("cls") || !manifest.files().containsKey(ONNX)) {
      throw new IllegalArgumentException(
          "%s has no ONNX form of its features (%s of %s)"
              .formatted(manifest.id(), spec.output(), spec.file()));
    }
    return new EmbedderSpec(Kind.ONNX, ONNX, "pooler_output", spec.preprocessing());
  }

  /** The space of its vectors, as features name it. */
  public String space() {
    return embedder.space().id();
  }

  /**
   * The vector of an image file, of length one.
   *
   * @param image JPEG, PNG, GIF, WebP, BMP or TIFF
   * @throws ImageRejectedException when it is none, damaged, or beyond the limits
   */
  public float[] embed(byte[] image) throws ImageRejectedException {
    return embedder.embed(List.of(decoder.decode(image).image()))[0];
  }

  @Override
  public void close() {
    embedder.close();
  }
}
