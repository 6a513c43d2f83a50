package io.freshet.trainer.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class BatchComposerPropertyTest {
  private static final ReplayConfig CONFIG = new ReplayConfig(8, 12, 0.5, 1);

  /** Resumed at any step, with any number of plans in flight, a run plans what it would have. */
  @Property(tries = 200)
  void aResumedRunPlansTheSameSteps(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 12) int stopAfter,
      @ForAll @IntRange(min = 0, max = 3) int ahead) {
    List<List<Admission>> arrivals = arrivals(new Random(seed), 16);

    List<BatchPlan> unbroken = new ArrayList<>();
    BatchComposer composer = new BatchComposer(CONFIG, seed, 4, CompositionState.initial());
    for (List<Admission> arrived : arrivals) {
      composer.admit(arrived);
      unbroken.add(composer.compose());
    }

    BatchComposer first = new BatchComposer(CONFIG, seed, 4, CompositionState.initial());
    for (int step = 0; step < stopAfter + ahead; step++) {
      first.admit(arrivals.get(step));
      first.compose();
      if (step >= ahead) {
        first.trained(step - ahead);
      }
    }
    BatchComposer resumed = new BatchComposer(CONFIG, seed, 4, first.state());
    List<BatchPlan> replanned = new ArrayList<>(resumed.pending());
    assertEquals(
        stopAfter, replanned.size() == 0 ? first.state().nextStep() : replanned.get(0).step());
    for (int step = stopAfter + ahead; step < arrivals.size(); step++) {
      resumed.admit(arrivals.get(step));
      replanned.add(resumed.compose());
    }

    assertEquals(unbroken.subList(stopAfter, unbroken.size()), replanned);
  }

  /** Partitions deliver in any interleaving, and again after a reconnect. */
  @Property(tries = 100)
  void theOrderOfArrivalWithinAStepDoesNotMatter(@ForAll long seed) {
    Random random = new Random(seed);
    List<List<Admission>> arrivals = arrivals(random, 10);
    BatchComposer ordered = new BatchComposer(CONFIG, seed, 4, CompositionState.initial());
    BatchComposer shuffled = new BatchComposer(CONFIG, seed, 4, CompositionState.initial());
    List<Admission> redelivered = List.of();
    for (List<Admission> arrived : arrivals) {
      List<Admission> disorder = new ArrayList<>(arrived);
      disorder.addAll(redelivered);
      Collections.shuffle(disorder, random);
      ordered.admit(arrived);
      shuffled.admit(disorder);
      redelivered = arrived;
      assertEquals(ordered.compose(), shuffled.compose());
    }
    assertEquals(ordered.state(), shuffled.state());
  }

  /** Records of three partitions as three consumers may see them, at least one at first. */
  private static List<List<Admission>> arrivals(Random random, int steps) {
    int[] next = new int[3];
    List<List<Admission>> arrivals = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      List<Admission> arrived = new ArrayList<>();
      for (int partition = 0; partition < next.length; partition++) {
        int count = random.nextInt(5) + (step == 0 ? 1 : 0);
        arrived.addAll(Samples.admissions(partition, next[partition], next[partition] + count, 4));
        next[partition] += count;
      }
      arrivals.add(arrived);
    }
    return arrivals;
  }
}
