package io.freshet.trainer.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.trainer.exchange.ExchangeMessage.Close;
import io.freshet.trainer.exchange.ExchangeMessage.Delta;
import io.freshet.trainer.exchange.ExchangeMessage.Join;
import io.freshet.trainer.exchange.ExchangeMessage.Leave;
import io.freshet.trainer.exchange.ExchangeMessage.State;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RoundLogTest {
  private final RoundLog log = new RoundLog();

  private Optional<List<String>> accept(ExchangeMessage message) {
    return log.accept(message)
        .map(closed -> closed.deltas().stream().map(ExchangeMessage::worker).toList());
  }

  private static Delta delta(String worker, long round) {
    return new Delta(worker, round, 0, 8, List.of());
  }

  private void join(String... workers) {
    for (String worker : workers) {
      assertEquals(Optional.empty(), accept(new Join(worker)));
    }
  }

  @Test
  void aRoundEndsWhenAllMembersHaveDelivered() {
    join("a", "b");
    assertEquals(Optional.empty(), accept(delta("b", 0)));
    assertEquals(Optional.of(List.of("b", "a")), accept(delta("a", 0)));
    assertEquals(1, log.round());
  }

  @Test
  void whatIsLateTwiceOrFromAStrangerDoesNotCount() {
    join("a", "b");
    accept(delta("a", 0));
    assertEquals(Optional.empty(), accept(delta("a", 0)));
    assertEquals(Optional.empty(), accept(delta("x", 0)));
    assertEquals(Optional.empty(), accept(delta("b", 1)));
    accept(delta("b", 0));
    assertEquals(Optional.empty(), accept(delta("b", 0)));
    assertEquals(4, log.ignored());
    assertEquals(1, log.round());
  }

  @Test
  void oneWhoHasDeliveredMayEndARoundOnce() {
    join("a", "b", "c");
    assertEquals(Optional.empty(), accept(new Close("a", 0)));
    accept(delta("a", 0));
    assertEquals(Optional.empty(), accept(new Close("b", 0)), "b has not delivered");
    assertEquals(Optional.of(List.of("a")), accept(new Close("a", 0)));
    assertEquals(Optional.empty(), accept(new Close("a", 0)), "round 0 has ended already");
    assertFalse(log.isMember("b"));
    assertEquals(Optional.of(List.of("a")), accept(delta("a", 1)), "nobody else is left");
  }

  @Test
  void oneWhoJoinsDuringDeliveriesIsWaitedForFromTheNextRoundOn() {
    join("a");
    join("b");
    accept(delta("a", 0));
    join("c");
    assertEquals(Optional.of(List.of("a", "b")), accept(delta("b", 0)));
    accept(delta("a", 1));
    assertEquals(Optional.empty(), accept(delta("b", 1)), "c is waited for now");
    assertEquals(Optional.of(List.of("a", "b", "c")), accept(delta("c", 1)));
  }

  @Test
  void oneWhoJoinsDuringDeliveriesMayDeliverInTime() {
    join("a", "b");
    accept(delta("a", 0));
    join("c");
    assertEquals(Optional.empty(), accept(delta("c", 0)));
    assertEquals(Optional.of(List.of("a", "c", "b")), accept(delta("b", 0)));
  }

  @Test
  void endingARoundKeepsWhoIsWaitedForLaterOnly() {
    join("a", "b");
    accept(delta("a", 0));
    join("c");
    accept(new Close("a", 0));
    assertTrue(log.isMember("c"));
    assertFalse(log.isMember("b"));
  }

  @Test
  void nobodyWaitsForWhoLeft() {
    join("a", "b");
    accept(delta("a", 0));
    assertEquals(Optional.of(List.of("a")), accept(new Leave("b")));
    assertEquals(Optional.empty(), accept(new Leave("a")), "no round ends without a delta");
    assertEquals(1, log.round());
  }

  @Test
  void ofSeveralStatesOfARoundTheFirstCountsAndTheNewestRound() {
    join("a", "b");
    State first = new State("a", 0, 0, List.of());
    accept(first);
    accept(new State("b", 0, 0, List.of()));
    assertEquals(Optional.of(first), log.newestState());
    accept(new State("b", 5, 0, List.of()));
    assertEquals(Optional.of(first), log.newestState(), "round 5 has not begun");
    accept(delta("a", 0));
    accept(delta("b", 0));
    State next = new State("b", 1, 16, List.of());
    accept(next);
    accept(first);
    assertEquals(Optional.of(next), log.newestState());
  }
}
