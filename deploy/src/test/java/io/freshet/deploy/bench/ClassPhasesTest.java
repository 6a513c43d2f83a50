package io.freshet.deploy.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClassPhasesTest {
  @Test
  void everyClassHasOnePhaseAndPhasesDifferByOneClassAtMost() {
    ClassPhases phases = ClassPhases.split(33, 4, 1);
    assertEquals(
        IntStream.range(0, 33).boxed().toList(),
        phases.classes().stream().flatMap(List::stream).sorted().toList());
    assertEquals(List.of(8, 8, 8, 9), phases.classes().stream().map(List::size).toList());
  }

  @Test
  void theSeedDecidesTheOrderOfTheClasses() {
    assertEquals(ClassPhases.split(33, 3, 1), ClassPhases.split(33, 3, 1));
    assertNotEquals(ClassPhases.split(33, 3, 1), ClassPhases.split(33, 3, 2));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 34})
  void refusesPhasesThatForgetNothingOrShowNothing(int phases) {
    assertThrows(IllegalArgumentException.class, () -> ClassPhases.split(33, phases, 1));
  }
}
