package io.freshet.trainer.exchange;

import io.freshet.trainer.exchange.ExchangeMessage.Close;
import io.freshet.trainer.exchange.ExchangeMessage.Delta;
import io.freshet.trainer.exchange.ExchangeMessage.Join;
import io.freshet.trainer.exchange.ExchangeMessage.Leave;
import io.freshet.trainer.exchange.ExchangeMessage.State;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One worker's part in the rounds: a state machine over the messages of the log, its own finished
 * steps and the clock. It blocks on nothing but {@link Exchange#store}, {@link Exchange#load} and
 * {@link Exchange#append}.
 *
 * <p>Guarantee: all workers that have reached a round have the same outer state in it, bit for bit,
 * whatever crashed, joined, came late or twice. A worker that was too slow drops its steps and goes
 * on from the newest outer state; one that joins starts there.
 *
 * <p>Not thread-safe: owned by the training thread.
 */
public final class ExchangeWorker {
  /** What the worker is at. */
  public enum Phase {
    /** It does not know the outer state yet. */
    JOINING,
    /** It takes steps from {@link #outer}. */
    TRAINING,
    /** It has delivered and waits for the round to end. */
    WAITING
  }

  private final String id;
  private final Exchange exchange;
  private final OuterStep outerStep;
  private final long patienceNanos;
  private final OuterState initial;
  private final RoundLog log = new RoundLog();
  private final ArrayDeque<ClosedRound> unapplied = new ArrayDeque<>();
  private Optional<OuterState> outer = Optional.empty();
  private Phase phase = Phase.JOINING;
  private boolean joined;
  private boolean joining;
  private boolean offered;
  private long waitingSince;

  /**
   * @param id unique for each start of a worker
   * @param initial what training starts from if nobody was there before; gives all sizes
   */
  public ExchangeWorker(
      String id, Exchange exchange, OuterStep outerStep, Duration patience, OuterState initial) {
    this.id = id;
    this.exchange = exchange;
    this.outerStep = outerStep;
    this.patienceNanos = patience.toNanos();
    this.initial = initial;
  }

  /** Asks to take part. */
  public void join(long nowNanos) {
    waitingSince = nowNanos;
    joining = true;
    exchange.append(new Join(id));
  }

  /** Takes the next message of the log in. */
  public void receive(ExchangeMessage message, long nowNanos) {
    log.accept(message).ifPresent(unapplied::addLast);
    if (message instanceof Join && message.worker().equals(id)) {
      joined = true;
      joining = false;
    }
    if (joined) {
      advance(nowNanos);
    }
  }

  private void advance(long nowNanos) {
    if (outer.isEmpty()) {
      if (log.newestState().isPresent()) {
        begin(log.newestState().orElseThrow());
      } else if (log.founder().equals(Optional.of(id))) {
        offer();
      }
    }
    while (outer.isPresent() && !unapplied.isEmpty()) {
      apply(unapplied.removeFirst());
      phase = Phase.TRAINING;
      waitingSince = nowNanos;
    }
    if (outer.isPresent() && !log.isMember(id) && !joining) {
      join(nowNanos);
    }
  }

  /** Proposes its own parameters as those that all start from; the first in the log counts. */
  private void offer() {
    if (!offered) {
      offered = true;
      publish(initial);
    }
  }

  private void publish(OuterState state) {
    exchange.append(
        new State(
            id,
            state.round(),
            state.images(),
            exchange.store(
                List.of(state.student(), state.momentum(), state.teacher(), state.centers()))));
  }

  private void begin(State state) {
    int size = initial.student().length;
    List<float[]> arrays =
        exchange.load(state.payload(), size, size, size, initial.centers().length);
    outer =
        Optional.of(
            new OuterState(
                state.round(),
                state.images(),
                arrays.get(0),
                arrays.get(1),
                arrays.get(2),
                arrays.get(3)));
    unapplied.removeIf(closed -> closed.round() < state.round());
    phase = Phase.TRAINING;
  }

  private void apply(ClosedRound closed) {
    OuterState before = outer.orElseThrow();
    if (before.round() != closed.round()) {
      throw new IllegalStateException(
          "round %d ended, but worker %s is at round %d; the log is not complete"
              .formatted(closed.round(), id, before.round()));
    }
    int base = before.checksum();
    List<Contribution> contributions = new ArrayList<>();
    long images = 0;
    for (Delta delta : closed.deltas()) {
      if (delta.base() != base) {
        throw new IllegalStateException(
            "worker %s started round %d from other parameters than %s; do both have the same trainer.recipe and trainer.parallel?"
                .formatted(delta.worker(), closed.round(), id));
      }
      List<float[]> arrays =
          exchange.load(delta.payload(), initial.student().length, initial.centers().length);
      contributions.add(new Contribution(arrays.get(0), arrays.get(1)));
      images += delta.images();
    }
    OuterState after = outerStep.apply(before, contributions, images);
    outer = Optional.of(after);
    if (closed.deltas().get(0).worker().equals(id)) {
      publish(after);
    }
  }

  /**
   * Hands in what its steps since {@link #outer} led to.
   *
   * @param images that the steps saw
   */
  public void deliver(Contribution contribution, long images, long nowNanos) {
    if (phase != Phase.TRAINING) {
      throw new IllegalStateException(
          "worker " + id + " is " + phase + " and has no steps to give");
    }
    OuterState from = outer.orElseThrow();
    List<float[]> arrays = List.of(contribution.delta(), contribution.centers());
    exchange.append(new Delta(id, from.round(), from.checksum(), images, exchange.store(arrays)));
    phase = Phase.WAITING;
    waitingSince = nowNanos;
  }

  /** Lets time pass: ends a round, or proposes a beginning, when others keep it waiting. */
  public void tick(long nowNanos) {
    if (nowNanos - waitingSince < patienceNanos) {
      return;
    }
    if (phase == Phase.WAITING) {
      waitingSince = nowNanos;
      exchange.append(new Close(id, outer.orElseThrow().round()));
    } else if (phase == Phase.JOINING && joined) {
      waitingSince = nowNanos;
      offer();
    }
  }

  /** Says that no more will come from this worker. */
  public void leave() {
    exchange.append(new Leave(id));
  }

  public Phase phase() {
    return phase;
  }

  /** Where steps start from; empty while joining. A new round means: drop steps and start anew. */
  public Optional<OuterState> outer() {
    return outer;
  }

  /** Deltas of all workers that did not count. */
  public long ignoredDeltas() {
    return log.ignored();
  }
}
