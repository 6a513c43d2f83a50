package io.freshet.deploy.bench;

import io.freshet.trainer.data.ReplayConfig;
import java.util.Locale;

/** What differs between trainings of one recipe, seed and number of images. */
enum ContinualArm {
  /** Classes arrive in turn, and batches are drawn from the newest images alone. */
  WITHOUT_REPLAY,
  /** Classes arrive in turn, and batches are drawn from both tiers of the replay buffer. */
  WITH_REPLAY,
  /**
   * The yardstick: images arrive in random order, and batches are drawn as {@link #WITHOUT_REPLAY}.
   */
  MIXED_STREAM;

  /** The stream that this arm learns from. */
  ContinualStream stream(ContinualStream inTurn, long seed) {
    return this == MIXED_STREAM ? inTurn.mixed(seed) : inTurn;
  }

  /** The buffer of this arm: without replay it is the fresh tier alone. */
  ReplayConfig replay(ReplayConfig buffer) {
    return this == WITH_REPLAY
        ? buffer
        : new ReplayConfig(buffer.freshCapacity(), 0, 1, buffer.freshCapacity());
  }

  /** As figures write it. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
