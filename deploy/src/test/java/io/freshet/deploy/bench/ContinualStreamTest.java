package io.freshet.deploy.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.trainer.data.Admission;
import io.freshet.trainer.data.BatchComposer;
import io.freshet.trainer.data.CompositionState;
import io.freshet.trainer.data.ReplayConfig;
import io.freshet.trainer.data.Sample;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ContinualStreamTest {
  private static final long STEPS = 10;
  private static final int FRESH = 8;
  private static final ClassPhases SPLIT =
      new ClassPhases(List.of(List.of(0, 3), List.of(1, 4), List.of(2, 5)));

  /** Six classes of 20 images. */
  private static final List<Integer> LABELS =
      IntStream.range(0, 120).map(i -> i % 6).boxed().toList();

  private static final ContinualStream STREAM =
      ContinualStream.inTurn(SPLIT, LABELS, List.of("a", "b", "c", "d", "e", "f"), STEPS, FRESH, 1);

  private static List<Sample> arriving(ContinualStream stream, long step) {
    return stream.before(step).stream().map(arrived -> arrived.sample().orElseThrow()).toList();
  }

  private static Set<Integer> labels(List<Sample> samples) {
    Set<Integer> labels = new HashSet<>();
    samples.forEach(sample -> labels.add(LABELS.get(ContinualStream.place(sample))));
    return labels;
  }

  private static List<Sample> drawn(ContinualArm arm, ReplayConfig buffer, long lastStep) {
    BatchComposer composer =
        new BatchComposer(arm.replay(buffer), 1, FRESH, CompositionState.initial());
    ContinualStream stream = arm.stream(STREAM, 1);
    for (long step = 0; step < lastStep; step++) {
      composer.admit(stream.before(step));
      composer.compose();
    }
    composer.admit(stream.before(lastStep));
    return composer.compose().samples();
  }

  @Test
  void aPhaseBeginsWithSomeImagesAndEndsWithAllOfThoseOfItsClasses() {
    for (int phase = 0; phase < 3; phase++) {
      List<Sample> shown = new ArrayList<>(arriving(STREAM, phase * STEPS));
      assertEquals(FRESH, shown.size());
      for (long step = 1; step < STEPS; step++) {
        shown.addAll(arriving(STREAM, phase * STEPS + step));
      }
      assertEquals(40, new HashSet<>(shown).size());
      assertEquals(Set.copyOf(SPLIT.classes().get(phase)), labels(shown));
    }
  }

  @Test
  void offsetsFollowOneAnotherAndTheConceptIsTheClass() {
    List<Admission> all = new ArrayList<>();
    for (long step = 0; step < STREAM.steps(); step++) {
      all.addAll(STREAM.before(step));
    }
    assertEquals(
        IntStream.range(0, 120).mapToObj(Long::valueOf).toList(),
        all.stream().map(Admission::offset).toList());
    Sample first = all.get(0).sample().orElseThrow();
    assertEquals("abcdef".charAt(LABELS.get(ContinualStream.place(first))) + "", first.concept());
  }

  @Test
  void aMixedStreamShowsAllImagesAtTheSameTimesButClassesOfAllPhasesFromTheStart() {
    ContinualStream mixed = STREAM.mixed(1);
    Set<Sample> shown = new HashSet<>();
    for (long step = 0; step < STREAM.steps(); step++) {
      assertEquals(STREAM.before(step).size(), mixed.before(step).size());
      shown.addAll(arriving(mixed, step));
    }
    assertEquals(120, shown.size());
    assertTrue(labels(arriving(mixed, 0)).size() > 2);
    assertNotEquals(arriving(mixed, 0), arriving(STREAM.mixed(2), 0));
  }

  @Test
  void withoutReplayABatchHoldsTheClassesOfThePhaseAloneAndWithReplayEarlierOnesToo() {
    ReplayConfig buffer = new ReplayConfig(FRESH, 30, 0.5, FRESH);
    long thirdPhase = 2 * STEPS;
    assertEquals(Set.of(2, 5), labels(drawn(ContinualArm.WITHOUT_REPLAY, buffer, thirdPhase)));
    Set<Integer> replayed = labels(drawn(ContinualArm.WITH_REPLAY, buffer, thirdPhase));
    replayed.removeAll(Set.of(2, 5));
    assertTrue(replayed.size() >= 3, "earlier classes replayed: " + replayed);
  }
}
