package io.freshet.trainer.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {
  @Test
  void classesThatNeverOccurAreLeftOutOfTheMeans() {
    ConfusionMatrix confusions = new ConfusionMatrix(4);
    confusions.add(0, 0);
    confusions.add(0, 0);
    confusions.add(0, 1);
    confusions.add(1, 1);
    confusions.add(1, 2);
    assertEquals(3 / 5.0, confusions.accuracy(), 1e-12);
    assertEquals((2 / 3.0 + 1 / 2.0) / 2, confusions.meanAccuracy(), 1e-12);
    assertEquals(2 / 3.0, confusions.iou(0), 1e-12);
    assertEquals(1 / 3.0, confusions.iou(1), 1e-12);
    assertEquals(0, confusions.iou(2), 1e-12);
    assertTrue(Double.isNaN(confusions.iou(3)));
    assertEquals((2 / 3.0 + 1 / 3.0 + 0) / 3, confusions.meanIou(), 1e-12);
  }
}
