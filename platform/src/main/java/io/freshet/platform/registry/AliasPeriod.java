package io.freshet.platform.registry;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A time in which an alias pointed at one release.
 *
 * @param until when it was moved to another; empty while it points there
 */
public record AliasPeriod(ModelVersion target, Instant from, Optional<Instant> until) {

  /**
   * The periods that moves made, oldest first. A move to where the alias pointed already makes none
   * of its own.
   *
   * @param moves newest first, as {@link ReleaseCatalog#aliasHistory} gives them
   */
  public static List<AliasPeriod> of(List<AliasMove> moves) {
    List<AliasPeriod> newestFirst = new ArrayList<>();
    Optional<Instant> until = Optional.empty();
    for (int i = 0; i < moves.size(); i++) {
      AliasMove move = moves.get(i);
      boolean stayed = i + 1 < moves.size() && moves.get(i + 1).target().equals(move.target());
      if (!stayed) {
        newestFirst.add(new AliasPeriod(move.target(), move.movedAt(), until));
        until = Optional.of(move.movedAt());
      }
    }
    List<AliasPeriod> periods = new ArrayList<>();
    newestFirst.forEach(period -> periods.add(0, period));
    return List.copyOf(periods);
  }
}
