package io.freshet.trainer.release;

/**
 * How much worse than the champion's a metric of a release may be.
 *
 * @param prefix of the metric's names, one of {@link Metrics}
 * @param better which way the metric improves
 * @param scale what {@code tolerated} is measured in
 * @param tolerated 0 and more
 */
record MetricBound(String prefix, Better better, Scale scale, double tolerated) {
  /** Which way a metric improves. */
  enum Better {
    HIGHER,
    LOWER
  }

  /** What a loss is measured in. */
  enum Scale {
    /** The metric's own unit. */
    ABSOLUTE,
    /** Shares of the champion's value, which is above 0. */
    SHARE_OF_CHAMPION
  }

  /** The metric's name without the slash, as its setting has it. */
  String key() {
    return prefix.substring(0, prefix.length() - 1);
  }

  /** The worst value that is tolerated beside a champion's. */
  double limit(double champions) {
    double loss =
        switch (scale) {
          case ABSOLUTE -> tolerated;
          case SHARE_OF_CHAMPION -> tolerated * champions;
        };
    return switch (better) {
      case HIGHER -> champions - loss;
      case LOWER -> champions + loss;
    };
  }

  /** False for NaN too. */
  boolean tolerates(double value, double champions) {
    return switch (better) {
      case HIGHER -> value >= limit(champions);
      case LOWER -> value <= limit(champions);
    };
  }
}
