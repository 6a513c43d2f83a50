package io.freshet.platform.registry;

import io.freshet.platform.objects.S3Config;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A registry in a bucket. */
abstract class BucketFixture implements RegistryFixture {
  static final String PREFIX = "registry";

  private final S3Config s3;

  BucketFixture(S3Config s3) {
    this.s3 = s3;
  }

  /** Every key of the bucket. */
  abstract List<String> allKeys();

  @Override
  public RegistryConfig config(Path machine) {
    return new RegistryConfig(machine, s3, RetentionPolicy.BY_HAND, SigningConfig.NONE);
  }

  /** Without the copies of manifests that lie beside the files for those who copy them by hand. */
  @Override
  public List<String> files() {
    return keys().stream()
        .filter(key -> !(key.contains("/publications/") && key.endsWith(Manifest.FILE)))
        .toList();
  }

  private List<String> keys() {
    return allKeys().stream().map(key -> key.substring(PREFIX.length() + 1)).toList();
  }

  @Override
  public String manifest(ModelVersion version) {
    return "models/%s/versions/%d/manifest.json".formatted(version.name(), version.version());
  }

  @Override
  public String file(ModelVersion version, String path) {
    return "models/%s/publications/%s/%s"
        .formatted(version.name(), publication(manifest(version)), path);
  }

  private String publication(String manifest) {
    return ManifestJson.read(read(manifest)).publication();
  }

  @Override
  public String alias(String name) {
    return "aliases/" + name + ".json";
  }

  @Override
  public List<String> staged() {
    Set<String> released = new HashSet<>();
    keys().stream()
        .filter(key -> key.contains("/versions/"))
        .filter(key -> RemovedRelease.read(read(key)).isEmpty())
        .forEach(key -> released.add(publication(key)));
    return keys().stream()
        .filter(key -> key.contains("/publications/") || key.startsWith("probe/"))
        .filter(key -> released.stream().noneMatch(key::contains))
        .toList();
  }
}
