package io.freshet.platform.registry;

import java.time.Instant;

/**
 * A name that points at a release.
 *
 * @param manifestSha256 pins the release, so that another one in its place is noticed
 */
record Alias(String name, ModelVersion target, String manifestSha256) {
  Alias {
    Ids.require("an alias", name);
    ReleaseFile.requireDigest(manifestSha256);
  }

  byte[] toJson(Instant movedAt) {
    return SealedJson.seal(
        SealedJson.object()
            .put("format", 1)
            .put("alias", name)
            .put("model", target.name())
            .put("version", target.version())
            .put("manifest_sha256", manifestSha256)
            .put("moved_at", movedAt.toString()));
  }

  /**
   * @throws IllegalArgumentException when the bytes aren't an alias, or not what was sealed
   */
  static Alias read(byte[] bytes) {
    JsonFields json = new JsonFields(SealedJson.open(bytes).content()).requireFormat();
    return new Alias(
        json.text("alias"),
        new ModelVersion(json.text("model"), json.integer("version")),
        json.text("manifest_sha256"));
  }
}
