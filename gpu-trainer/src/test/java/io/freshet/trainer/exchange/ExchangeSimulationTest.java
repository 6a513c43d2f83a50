package io.freshet.trainer.exchange;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Sha256;
import io.freshet.trainer.exchange.ExchangeMessage.Close;
import io.freshet.trainer.exchange.ExchangeMessage.Delta;
import io.freshet.trainer.exchange.ExchangeWorker.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Workers that crash, come, sleep, hear late and say things twice, under a seeded scheduler. -Dseed
 * runs one seed again.
 */
class ExchangeSimulationTest {
  private static final int SEEDS = 400;
  private static final int EVENTS = 1_500;
  private static final int CALM_EVENTS = 3_000;
  private static final int INNER_STEPS = 4;
  private static final long PATIENCE = 60;

  @Test
  void allWhoReachARoundHaveTheSameParametersWhateverHappens() {
    long fixed = Long.getLong("seed", -1);
    long rounds = 0;
    long ignored = 0;
    long closes = 0;
    for (long seed = Math.max(0, fixed); seed < (fixed < 0 ? SEEDS : fixed + 1); seed++) {
      Simulation simulation = new Simulation(seed);
      try {
        simulation.run();
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("-Dseed=" + seed + ": " + e.getMessage(), e);
      }
      rounds += simulation.states.size();
      closes += simulation.log.stream().filter(Close.class::isInstance).count();
      ignored += simulation.ignored();
    }
    assertTrue(
        fixed >= 0 || (rounds > 10L * SEEDS && ignored > SEEDS && closes > SEEDS),
        "too tame: %d rounds, %d closed by impatience, %d deltas ignored"
            .formatted(rounds, closes, ignored));
  }

  /** A worker with the time that it believes in and its place in the log. */
  private static final class Member {
    final ExchangeWorker worker;
    final End end;
    long base = -1;
    int steps;
    float[] local = {};

    Member(ExchangeWorker worker, End end) {
      this.worker = worker;
      this.end = end;
    }
  }

  /** A worker's end of the simulated log; it may hold the worker's newest messages back. */
  private static final class End implements Exchange {
    private final Simulation simulation;
    private final List<ExchangeMessage> unsent = new ArrayList<>();
    private int position;

    End(Simulation simulation) {
      this.simulation = simulation;
    }

    @Override
    public List<BlobRef> store(List<float[]> arrays) {
      simulation.payloads.add(arrays);
      return List.of(new BlobRef("heap", simulation.payloads.size() - 1L, 0, new Sha256()));
    }

    @Override
    public List<float[]> load(List<BlobRef> payload, int... sizes) {
      return simulation.payloads.get(Math.toIntExact(payload.get(0).getOffset()));
    }

    @Override
    public void append(ExchangeMessage message) {
      unsent.add(message);
    }

    @Override
    public List<ExchangeMessage> poll(Duration patience) {
      throw new UnsupportedOperationException("the scheduler delivers");
    }

    @Override
    public void close() {
      unsent.clear();
    }
  }

  private static final class Simulation {
    final SplittableRandom random;
    final List<ExchangeMessage> log = new ArrayList<>();
    final List<List<float[]>> payloads = new ArrayList<>();
    final List<Member> members = new ArrayList<>();
    final Map<Long, OuterState> states = new HashMap<>();
    private long now;
    private int started;

    Simulation(long seed) {
      this.random = new SplittableRandom(seed);
    }

    long ignored() {
      RoundLog all = new RoundLog();
      log.forEach(all::accept);
      return all.ignored();
    }

    void run() {
      int first = 1 + random.nextInt(4);
      for (int i = 0; i < first; i++) {
        start();
      }
      for (int i = 0; i < EVENTS; i++) {
        event(true);
      }
      if (members.isEmpty()) {
        start();
      }
      long before = newestRound();
      for (int i = 0; i < CALM_EVENTS; i++) {
        event(false);
      }
      assertTrue(newestRound() >= before + 3, "stuck in round " + before);
      verifyFromTheLogAlone();
    }

    private long newestRound() {
      return states.keySet().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    private void start() {
      End end = new End(this);
      // Each would begin from other parameters; the log decides for one of them.
      float[] own = {started, -started};
      OuterState initial =
          new OuterState(0, 0, own, new float[2], own.clone(), new float[] {started});
      ExchangeWorker worker =
          new ExchangeWorker("w" + started++, end, step(), Duration.ofNanos(PATIENCE), initial);
      members.add(new Member(worker, end));
      worker.join(now);
    }

    private static OuterStep step() {
      return new OuterStep(0.7, 0.9, round -> 0.9);
    }

    private void event(boolean chaos) {
      now += 1 + random.nextInt(3);
      int dice = random.nextInt(1000);
      if (chaos && dice < 6 && members.size() < 6) {
        start();
        return;
      }
      if (members.isEmpty()) {
        return;
      }
      Member member = members.get(random.nextInt(members.size()));
      if (chaos && dice < 12) {
        crash(member);
      } else if (chaos && dice < 15) {
        member.worker.leave();
        send(member, false);
        members.remove(member);
      } else if (dice < 250) {
        send(member, chaos);
      } else if (dice < 650) {
        hear(member);
      } else if (dice < 720) {
        member.worker.tick(now);
      } else {
        train(member);
      }
    }

    /** What it had not sent is lost; perhaps a part of it goes out. */
    private void crash(Member member) {
      while (!member.end.unsent.isEmpty() && random.nextBoolean()) {
        log.add(member.end.unsent.remove(0));
      }
      members.remove(member);
    }

    private void send(Member member, boolean chaos) {
      for (ExchangeMessage message : member.end.unsent) {
        log.add(message);
        if (chaos && random.nextInt(10) == 0) {
          log.add(message);
        }
      }
      member.end.unsent.clear();
    }

    private void hear(Member member) {
      int count = 1 + random.nextInt(5);
      while (count-- > 0 && member.end.position < log.size()) {
        member.worker.receive(log.get(member.end.position++), now);
        member.worker.outer().ifPresent(this::check);
      }
    }

    /** The invariant. */
    private void check(OuterState state) {
      OuterState known = states.putIfAbsent(state.round(), state);
      if (known != null) {
        assertArrayEquals(known.student(), state.student(), "student of round " + state.round());
        assertArrayEquals(known.momentum(), state.momentum());
        assertArrayEquals(known.teacher(), state.teacher());
        assertArrayEquals(known.centers(), state.centers());
        assertEquals(known.images(), state.images());
      }
    }

    private void train(Member member) {
      if (member.worker.phase() != Phase.TRAINING) {
        return;
      }
      OuterState outer = member.worker.outer().orElseThrow();
      if (member.base != outer.round()) {
        member.base = outer.round();
        member.steps = 0;
        member.local = outer.student().clone();
      }
      for (int i = 0; i < member.local.length; i++) {
        member.local[i] += (float) random.nextGaussian();
      }
      if (++member.steps == INNER_STEPS) {
        float[] delta = outer.student().clone();
        for (int i = 0; i < delta.length; i++) {
          delta[i] -= member.local[i];
        }
        member.worker.deliver(
            new Contribution(delta, new float[] {random.nextInt(9)}), INNER_STEPS, now);
        member.base = -1;
      }
    }

    /** Replays the log with rules written down a second time, for rounds that ended in it. */
    private void verifyFromTheLogAlone() {
      RoundLog replay = new RoundLog();
      OuterState state = null;
      long images = 0;
      for (ExchangeMessage message : log) {
        var closed = replay.accept(message);
        if (state == null && replay.newestState().isPresent()) {
          List<float[]> arrays =
              payloads.get(
                  Math.toIntExact(replay.newestState().get().payload().get(0).getOffset()));
          state = new OuterState(0, 0, arrays.get(0), arrays.get(1), arrays.get(2), arrays.get(3));
        }
        if (closed.isPresent()) {
          List<Delta> deltas = closed.get().deltas();
          assertEquals(
              deltas.size(),
              deltas.stream().map(Delta::worker).distinct().count(),
              "counted twice");
          List<Contribution> contributions =
              deltas.stream()
                  .map(delta -> payloads.get(Math.toIntExact(delta.payload().get(0).getOffset())))
                  .map(arrays -> new Contribution(arrays.get(0), arrays.get(1)))
                  .toList();
          long seen = (long) INNER_STEPS * deltas.size();
          images += seen;
          state = step().apply(state, contributions, seen);
          check(state);
          assertEquals(images, state.images());
        }
      }
    }
  }
}
