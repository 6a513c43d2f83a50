package io.freshet.trainer.step;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class TrainingRandomTest {

  @Test
  void equalsThePublishedGenerator() {
    // First outputs of xoshiro256** 1.0 from the state 1, 2, 3, 4.
    TrainingRandom random = new TrainingRandom(new TrainingRandom.State(1, 2, 3, 4));
    long[] expected = {11520L, 0L, 1509978240L, 1215971899390074240L};
    assertArrayEquals(expected, random.longs(4).toArray());
  }

  @Test
  void continuesFromASavedState() {
    TrainingRandom random = TrainingRandom.seeded(7);
    random.nextGaussian();
    TrainingRandom.State state = random.state();
    long[] expected = random.longs(50).toArray();
    assertArrayEquals(expected, new TrainingRandom(state).longs(50).toArray());
  }

  @Test
  void streamsOfOneSeedDifferAndRepeat() {
    assertEquals(TrainingRandom.of(3, 9).nextLong(), TrainingRandom.of(3, 9).nextLong());
    assertNotEquals(TrainingRandom.of(3, 9).nextLong(), TrainingRandom.of(3, 10).nextLong());
    assertNotEquals(TrainingRandom.of(3, 9).nextLong(), TrainingRandom.of(4, 9).nextLong());
    assertNotEquals(TrainingRandom.of(3, 4).nextLong(), TrainingRandom.of(4, 3).nextLong());
  }

  @Test
  void refusesTheStateThatNeverLeavesZero() {
    assertThrows(IllegalArgumentException.class, () -> new TrainingRandom.State(0, 0, 0, 0));
  }
}
