package io.freshet.platform.registry;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

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

  /**
   * The newest move to another release than the one that counts: where a rollback goes.
   *
   * @param moves of an alias, newest first
   */
  static Optional<AliasMove> former(List<AliasMove> moves) {
    return moves.stream().filter(move -> !move.target().equals(moves.get(0).target())).findFirst();
  }
}
