package io.freshet.platform.registry;

import io.freshet.schemas.TopicOffset;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code manifest.json}: what a release is and the digest of each of its files.
 *
 * @param publication tells two publications of one content apart
 * @param createdAt when it was published, milliseconds
 * @param files by path relative to the release, {@code manifest.json} not among them
 * @param sha256 digest of the manifest itself, 64 hex digits; names the release beyond doubt
 */
public record Manifest(
    String name,
    int version,
    String publication,
    Instant createdAt,
    Map<String, ReleaseFile> files,
    Release release,
    String sha256) {
  /** Name of the file within a release. */
  public static final String FILE = "manifest.json";

  /** Name of the file with the signature of the manifest, where there is one. */
  public static final String SIGNATURE = "manifest.sig";

  static final int MAX_BYTES = 16 << 20;

  public Manifest {
    Ids.require("a model", name);
    files = Collections.unmodifiableMap(new TreeMap<>(files));
    files.keySet().forEach(Ids::requireFile);
    if (files.isEmpty() || files.containsKey(FILE)) {
      throw new IllegalArgumentException(
          "a release has at least one file, and its manifest doesn't list itself");
    }
    ReleaseFile.requireDigest(sha256);
    for (ReleasedAdapter adapter : release.adapters()) {
      if (!files.containsKey(adapter.file())) {
        throw new IllegalArgumentException(
            "the adapter %s is no file of the release".formatted(adapter.file()));
      }
    }
  }

  public ModelVersion id() {
    return new ModelVersion(name, version);
  }

  public String architecture() {
    return release.architecture();
  }

  public int dim() {
    return release.dim();
  }

  public int patch() {
    return release.patch();
  }

  public int imageSize() {
    return release.imageSize();
  }

  public String runId() {
    return release.runId();
  }

  public long step() {
    return release.step();
  }

  public long imagesSeen() {
    return release.imagesSeen();
  }

  public List<TopicOffset> offsets() {
    return release.offsets();
  }

  public Map<String, Double> metrics() {
    return release.metrics();
  }

  public List<ModelVersion> parents() {
    return release.parents();
  }

  public Map<String, Object> embedding() {
    return release.embedding();
  }

  public String licence() {
    return release.licence();
  }

  public List<ReleasedAdapter> adapters() {
    return release.adapters();
  }
}
