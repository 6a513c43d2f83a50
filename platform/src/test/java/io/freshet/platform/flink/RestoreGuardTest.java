package io.freshet.platform.flink;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // the harness closes with InterruptedException
class RestoreGuardTest {
  private static final Duration TIMEOUT = Duration.ofHours(1);
  private static final Duration ALLOWANCE = Duration.ofMinutes(5);
  private static final Instant NOW = Instant.parse("2026-11-01T00:00:00Z");
  private static final RestoreGuard GUARD =
      new RestoreGuard(TIMEOUT, ALLOWANCE, 0, Clock.fixed(NOW, ZoneOffset.UTC));

  @AfterEach
  void setClockBack() {
    SettableClock.reset();
  }

  @Test
  void letsPassWhatTheBrokerStillKeeps() {
    assertDoesNotThrow(() -> GUARD.require("j", 7, NOW.minus(TIMEOUT).plus(ALLOWANCE)));
  }

  @Test
  void refusesWhatTheBrokerMayHaveAborted() {
    Instant openSince = NOW.minus(TIMEOUT).plus(ALLOWANCE).minusMillis(1);
    StaleCheckpointException refused =
        assertThrows(StaleCheckpointException.class, () -> GUARD.require("j", 7, openSince));
    assertTrue(refused.getMessage().contains("flink.committed_checkpoint: 7"), refused::toString);
  }

  @Test
  void letsPassTheCheckpointThatIsKnownToBeCommittedAndNoOther() {
    RestoreGuard guard = new RestoreGuard(TIMEOUT, ALLOWANCE, 7, Clock.fixed(NOW, ZoneOffset.UTC));
    Instant lastYear = NOW.minus(Duration.ofDays(365));
    assertDoesNotThrow(() -> guard.require("j", 7, lastYear));
    assertThrows(StaleCheckpointException.class, () -> guard.require("j", 8, lastYear));
  }

  @Test
  void failsTheJobForGoodWhenARestoreComesTooLate() throws Exception {
    OperatorSubtaskState state;
    try (var harness = harness()) {
      harness.open();
      state = harness.snapshot(1, 1);
    }
    SettableClock.advance(Duration.ofMinutes(54));
    try (var harness = harness()) {
      harness.initializeState(state);
    }
    SettableClock.advance(Duration.ofMinutes(2));
    try (var harness = harness()) {
      Exception refused = assertThrows(Exception.class, () -> harness.initializeState(state));
      assertInstanceOf(SuppressRestartsException.class, refused);
      assertInstanceOf(StaleCheckpointException.class, refused.getCause());
    }
  }

  /** The transaction of a failed checkpoint is committed with a later one, so its age counts. */
  @Test
  void countsFromTheOldestTransactionThatWaits() throws Exception {
    OperatorSubtaskState waiting;
    OperatorSubtaskState committed;
    try (var harness = harness()) {
      harness.open();
      harness.snapshot(1, 1);
      SettableClock.advance(Duration.ofMinutes(30));
      harness.snapshot(2, 2);
      waiting = harness.snapshot(3, 3);
      harness.notifyOfCompletedCheckpoint(3);
      committed = harness.snapshot(4, 4);
    }
    SettableClock.advance(Duration.ofMinutes(26));
    try (var harness = harness()) {
      assertThrows(SuppressRestartsException.class, () -> harness.initializeState(waiting));
    }
    try (var harness = harness()) {
      harness.initializeState(committed);
    }
  }

  private static OneInputStreamOperatorTestHarness<String, String> harness() throws Exception {
    RestoreGuard guard = new RestoreGuard(TIMEOUT, ALLOWANCE, 0, new SettableClock());
    OneInputStreamOperatorTestHarness<String, String> harness =
        new OneInputStreamOperatorTestHarness<>(
            new ProcessOperator<>(new RestoreGuardFunction<>("j", guard)),
            StringSerializer.INSTANCE);
    harness.setup(StringSerializer.INSTANCE);
    harness.setRestoredCheckpointId(1);
    return harness;
  }
}
