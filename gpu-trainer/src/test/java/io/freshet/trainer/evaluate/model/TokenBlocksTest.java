package io.freshet.trainer.evaluate.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class TokenBlocksTest {
  /** {@code out_index} of dinov2/hub/depthers.py. */
  @Test
  void depthHeadsSeeTheOriginalsBlocks() {
    assertEquals(List.of(2, 5, 8, 11), TokenBlocks.evenly(12).indices());
    assertEquals(List.of(4, 11, 17, 23), TokenBlocks.evenly(24).indices());
    assertEquals(List.of(9, 19, 29, 39), TokenBlocks.evenly(40).indices());
  }

  @Test
  void shallowModelsGiveAllTheirBlocks() {
    assertEquals(List.of(0), TokenBlocks.evenly(1).indices());
    assertEquals(List.of(0, 1, 2), TokenBlocks.evenly(3).indices());
    assertEquals(List.of(0, 1, 2, 4), TokenBlocks.evenly(5).indices());
    assertEquals(List.of(1, 2, 3, 4), TokenBlocks.last(4, 5).indices());
  }

  @Test
  void blocksAscend() {
    assertThrows(IllegalArgumentException.class, () -> new TokenBlocks(List.of(), true));
    assertThrows(IllegalArgumentException.class, () -> new TokenBlocks(List.of(2, 2), true));
    assertThrows(IllegalArgumentException.class, () -> TokenBlocks.last(3, 2));
  }
}
