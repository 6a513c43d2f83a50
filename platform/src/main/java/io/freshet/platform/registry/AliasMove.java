package io.freshet.platform.registry;

import java.time.Instant;

/**
 * One move of an alias.
 *
 * @param target where it points since then
 * @param manifestSha256 pins the release, so that another one in its place is noticed
 * @param movedAt when, milliseconds
 * @param reason why, and by what or whom, at most 1,000 characters; empty when nobody said
 */
public record AliasMove(
    ModelVersion target, String manifestSha256, Instant movedAt, String reason) {
  private static final int MAX_REASON = 1_000;

  public AliasMove {
    if (reason.length() > MAX_REASON) {
      throw new IllegalArgumentException(
          "the reason for moving an alias to %s has %,d characters, the limit is %,d"
              .formatted(target, reason.length(), MAX_REASON));
    }
    ReleaseFile.requireDigest(manifestSha256);
  }
}
