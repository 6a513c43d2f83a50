package io.freshet.platform.registry;

import java.time.Instant;

/**
 * A name that points at a release.
 *
 * @param manifestSha256 pins the release, so that another one in its place is noticed
 * @param reason why it was moved there, and by what or whom; empty when nobody said
 */
record Alias(String name, ModelVersion target, String manifestSha256, String reason) {
  private static final int MAX_REASON = 1_000;

  Alias {
    Ids.require("an alias", name);
    if (reason.length() > MAX_REASON) {
      throw new IllegalArgumentException(
          "the reason of alias %s has %,d characters, the limit is %,d"
              .formatted(name, reason.length(), MAX_REASON));
    }
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
            .put("moved_at", movedAt.toString())
            .put("reason", reason));
  }

  /**
   * @throws IllegalArgumentException when the bytes aren't an alias, or not what was sealed
   */
  static Alias read(byte[] bytes) {
    JsonFields json = new JsonFields(SealedJson.open(bytes).content()).requireFormat();
    return new Alias(
        json.text("alias"),
        new ModelVersion(json.text("model"), json.integer("version")),
        json.text("manifest_sha256"),
        json.textOr("reason", ""));
  }
}
