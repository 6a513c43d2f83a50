package io.freshet.trainer.masking;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MaskSamplingTest {

  @Property(tries = 300)
  void masksStayWithinTheBoundAndWeighEveryMaskedCropTheSame(
      @ForAll @IntRange(min = 1, max = 12) int rows,
      @ForAll @IntRange(min = 1, max = 12) int columns,
      @ForAll @IntRange(min = 0, max = 20) int crops,
      @ForAll @DoubleRange(min = 0, max = 1) double probability,
      @ForAll long seed) {
    MaskSampling sampling = new MaskSampling(probability, 0.1, 0.5);
    TokenMasks masks =
        sampling.sample(new BlockMasking(rows, columns), crops, new SplittableRandom(seed));
    assertTrue(masks.indices().length <= sampling.upperBound(crops, rows * columns));
    int maskedCrops = 0;
    int found = 0;
    for (int crop = 0; crop < masks.crops(); crop++) {
      double weight = 0;
      int before = found;
      while (found < masks.indices().length
          && masks.indices()[found] < (crop + 1L) * masks.patches()) {
        assertTrue(masks.masked()[(int) masks.indices()[found]]);
        weight += masks.weights()[found++];
      }
      if (found > before) {
        maskedCrops++;
        assertEquals(1, weight, 1e-5);
      }
    }
    assertEquals(masks.indices().length, found);
    assertTrue(maskedCrops <= (int) (crops * probability));
  }

  @Test
  void equalRandomStatesGiveEqualMasks() {
    MaskSampling sampling = new MaskSampling(0.5, 0.1, 0.5);
    BlockMasking blocks = new BlockMasking(8, 8);
    assertArrayEquals(
        sampling.sample(blocks, 16, new SplittableRandom(5)).indices(),
        sampling.sample(blocks, 16, new SplittableRandom(5)).indices());
  }

  @Test
  void refusesRatiosInTheWrongOrder() {
    assertThrows(IllegalArgumentException.class, () -> new MaskSampling(0.5, 0.5, 0.1));
    assertThrows(IllegalArgumentException.class, () -> new MaskSampling(1.5, 0.1, 0.5));
    assertThrows(IllegalArgumentException.class, () -> new MaskSampling(Double.NaN, 0.1, 0.5));
  }
}
