package io.freshet.curator.job;

import io.freshet.curator.drift.WindowMoments;

/** How far a window is from the one before. */
record WindowDrift(double meanShift, double frechetDistance) {
  static WindowDrift between(WindowMoments before, WindowMoments now) {
    return new WindowDrift(before.meanShift(now), before.frechetDistance(now));
  }
}
