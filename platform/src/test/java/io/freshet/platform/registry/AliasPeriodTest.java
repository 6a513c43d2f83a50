package io.freshet.platform.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AliasPeriodTest {
  private static Instant minute(int minute) {
    return Instant.EPOCH.plusSeconds(60L * minute);
  }

  private static ModelVersion version(int version) {
    return new ModelVersion("freshet", version);
  }

  /** The moves of minutes 0, 1, 2, ... */
  private static List<AliasMove> moves(int... targets) {
    List<AliasMove> moves = new ArrayList<>();
    for (int i = 0; i < targets.length; i++) {
      moves.add(new AliasMove(version(targets[i]), "0".repeat(64), minute(i), ""));
    }
    Collections.reverse(moves);
    return moves;
  }

  @Test
  void eachPeriodEndsWhereTheNextBegins() {
    assertEquals(
        List.of(
            new AliasPeriod(version(1), minute(0), Optional.of(minute(1))),
            new AliasPeriod(version(3), minute(1), Optional.of(minute(2))),
            new AliasPeriod(version(1), minute(2), Optional.empty())),
        AliasPeriod.of(moves(1, 3, 1)));
    assertEquals(List.of(), AliasPeriod.of(List.of()));
  }

  @Test
  void aMoveToTheSameReleaseGoesOn() {
    assertEquals(
        List.of(
            new AliasPeriod(version(1), minute(0), Optional.of(minute(2))),
            new AliasPeriod(version(2), minute(2), Optional.empty())),
        AliasPeriod.of(moves(1, 1, 2, 2, 2)));
  }
}
