package io.freshet.dedup.state;

import java.io.Serializable;
import java.time.Duration;
import java.util.function.IntToLongFunction;

/**
 * How long stored images are compared with new ones.
 *
 * @param images the most that a table keeps, the newest; 0 for all
 * @param age the longest by the images' own ingested_at; zero for ever
 */
public record Retention(long images, Duration age) implements Serializable {
  public static final Retention ALL = new Retention(0, Duration.ZERO);

  /** Old images that one new one can push out. */
  private static final int MOST_FORGOTTEN = 4;

  public Retention {
    if (images < 0) {
      throw new IllegalArgumentException("%d images kept; 0 for all".formatted(images));
    }
    if (age.isNegative()) {
      throw new IllegalArgumentException("kept for %s; zero for ever".formatted(age));
    }
  }

  /**
   * What goes when an image comes: the oldest, as long as they are over, but a few at most, which
   * bounds what one image costs.
   *
   * @param oldest ordinal of the oldest image that is stored
   * @param newest ordinal of the one that comes
   * @param ageMicros how much older than that one an image is
   * @return the oldest ordinal that stays
   */
  public int oldestAfter(int oldest, int newest, IntToLongFunction ageMicros) {
    int stays = oldest;
    while (stays < newest
        && stays - oldest < MOST_FORGOTTEN
        && isOver(newest + 1 - stays, ageMicros.applyAsLong(stays))) {
      stays++;
    }
    return stays;
  }

  /**
   * Whether the oldest of {@code stored} images goes when one comes that is {@code ageMicros}
   * younger.
   */
  private boolean isOver(long stored, long ageMicros) {
    boolean isTooMany = images > 0 && stored > images;
    boolean isTooOld = !age.isZero() && ageMicros > age.toNanos() / 1000;
    return isTooMany || isTooOld;
  }

  /** Whether nothing is ever forgotten. */
  public boolean isForEver() {
    return images == 0 && age.isZero();
  }

  /** What one of several tables keeps that share the images evenly. */
  public Retention shareOf(int tables) {
    return new Retention((images + tables - 1) / tables, age);
  }
}
