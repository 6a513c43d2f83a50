package io.freshet.trainer.exchange;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.List;
import org.junit.jupiter.api.Test;

class OuterStepTest {
  private static final float[] CENTERS = {4};

  private static OuterState state(float student, float momentum, float teacher) {
    return new OuterState(
        3, 100, new float[] {student}, new float[] {momentum}, new float[] {teacher}, CENTERS);
  }

  private static Contribution delta(float delta, float center) {
    return new Contribution(new float[] {delta}, new float[] {center});
  }

  @Test
  void withoutMomentumAndAtRateOneTheStudentIsTheMeanOfTheWorkers() {
    OuterStep step = new OuterStep(1, 0, round -> 0.5);
    OuterState next = step.apply(state(10, 0, 2), List.of(delta(10 - 7, 1), delta(10 - 9, 3)), 24);
    assertArrayEquals(new float[] {8}, next.student());
    assertArrayEquals(new float[] {5}, next.teacher(), "half of 2, half of the new student");
    assertArrayEquals(new float[] {2}, next.centers());
    assertEquals(4, next.round());
    assertEquals(124, next.images());
  }

  /** Two steps by hand: m = 0.9 m + g, x = x - 0.7 (g + 0.9 m). */
  @Test
  void takesNesterovsStep() {
    OuterStep step = new OuterStep(0.7, 0.9, round -> 1);
    OuterState once = step.apply(state(1, 0, 5), List.of(delta(0.5f, 0)), 0);
    assertEquals(0.5f, once.momentum()[0], 1e-7);
    assertEquals(1 - 0.7 * (0.5 + 0.9 * 0.5), once.student()[0], 1e-7);
    OuterState twice = step.apply(once, List.of(delta(-0.25f, 0)), 0);
    assertEquals(0.9 * 0.5 - 0.25, twice.momentum()[0], 1e-7);
    assertEquals(
        once.student()[0] - 0.7 * (-0.25 + 0.9 * (0.9 * 0.5 - 0.25)), twice.student()[0], 1e-6);
    assertEquals(5, twice.teacher()[0], "momentum 1 keeps the teacher");
  }

  @Test
  void theTeachersMomentumIsThatOfTheRound() {
    OuterStep step = new OuterStep(1, 0, round -> round == 3 ? 0 : 1);
    assertEquals(7, step.apply(state(10, 0, 2), List.of(delta(3, 0)), 0).teacher()[0]);
  }

  @Test
  void whatIsNotFiniteIsLeftOut() {
    OuterStep step = new OuterStep(1, 0, round -> 0);
    OuterState next = step.apply(state(10, 0, 2), List.of(delta(Float.NaN, 0), delta(2, 6)), 0);
    assertArrayEquals(new float[] {8}, next.student());
    OuterState before = state(10, 1, 2);
    OuterState same = step.apply(before, List.of(delta(1, Float.POSITIVE_INFINITY)), 8);
    assertSame(before.student(), same.student());
    assertSame(before.momentum(), same.momentum());
    assertEquals(4, same.round());
  }

  @Test
  void checksumsTellParametersApart() {
    float[] many = new float[100_000];
    float[] other = many.clone();
    other[99_999] = Float.MIN_VALUE;
    assertEquals(checksum(many), checksum(many.clone()));
    assertNotEquals(checksum(many), checksum(other));
  }

  private static int checksum(float[] student) {
    float[] zeros = new float[student.length];
    return new OuterState(0, 0, student, zeros, zeros, CENTERS).checksum();
  }
}
