package io.freshet.platform.registry;

import java.util.Locale;

/**
 * A linear map between the space of a release and another, carried by the release.
 *
 * @param otherSpace {@code model@version/head/normalisation}, of an earlier release
 * @param direction whose vectors it brings where
 * @param kind {@code orthogonal} or {@code low_rank_affine}
 * @param file of the release; calls the release's own space {@value #OWN_SPACE}, since its number
 *     is not known when it is written
 * @param recallAt10 share of the ten nearest that a query keeps when it is brought over, 0 to 1
 */
public record ReleasedAdapter(
    String otherSpace, Direction direction, String kind, String file, double recallAt10) {
  /** What the file calls the space of the release that it belongs to. */
  public static final String OWN_SPACE = "self";

  private static final int MAX_CHARS = 200;

  /** Whose vectors are brought where. */
  public enum Direction {
    /** Vectors of the other space into the release's. */
    FROM_OTHER,
    /** Vectors of the release into the other space. */
    TO_OTHER;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Direction parse(String text) {
      for (Direction direction : values()) {
        if (direction.text().equals(text)) {
          return direction;
        }
      }
      throw new IllegalArgumentException(
          "an adapter's direction is from_other or to_other, not '%.40s'".formatted(text));
    }
  }

  public ReleasedAdapter {
    for (String text : new String[] {otherSpace, kind}) {
      if (text.isBlank() || text.length() > MAX_CHARS) {
        throw new IllegalArgumentException(
            "'%.80s' names no space and no kind of an adapter".formatted(text));
      }
    }
    Ids.requireFile(file);
    if (!(recallAt10 >= 0 && recallAt10 <= 1)) {
      throw new IllegalArgumentException(
          "recall of the adapter %s is %s, must be 0 to 1".formatted(file, recallAt10));
    }
  }
}
