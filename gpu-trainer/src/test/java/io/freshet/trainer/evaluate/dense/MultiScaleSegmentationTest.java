package io.freshet.trainer.evaluate.dense;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.trainer.evaluate.dense.SlidingWindows.Place;
import io.freshet.trainer.evaluate.model.BackboneModel;
import io.freshet.trainer.evaluate.model.EvaluatedModels;
import io.freshet.trainer.evaluate.model.ModelOptions;
import io.freshet.trainer.evaluate.model.TokenBlocks;
import io.freshet.trainer.testing.Probes;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.model.HuggingFaceDirectory;
import io.freshet.vision.model.ParameterInitialization;
import io.freshet.vision.model.Preprocessing;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.transform.HorizontalFlip;
import io.freshet.vision.weights.StateDict;
import io.freshet.vision.weights.WeightTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MultiScaleSegmentationTest {
  private static final int CLASSES = 19;

  private static List<Integer> starts(int side, int window, int stride) {
    return new SlidingWindows(side, window, stride)
        .places().stream().filter(place -> place.top() == 0).map(Place::left).toList();
  }

  /** By the formula of mmsegmentation's {@code slide_inference}, worked out on paper. */
  @Test
  void windowsLieWhereTheReferenceLaysThem() {
    assertEquals(List.of(0, 320), starts(960, 640, 320));
    assertEquals(List.of(0, 205), starts(845, 640, 320));
    assertEquals(List.of(0, 320, 467), starts(1107, 640, 320));
    assertEquals(List.of(0), starts(640, 640, 320));
    assertEquals(List.of(0, 1), starts(641, 640, 320));
    assertEquals(
        List.of(new Place(0, 0), new Place(0, 2), new Place(2, 0), new Place(2, 2)),
        new SlidingWindows(6, 4, 2).places());
    assertThrows(IllegalArgumentException.class, () -> new SlidingWindows(10, 4, 5));
  }

  @Test
  void windowsCoverEveryPixelAndLeaveTheSquareNowhere() {
    Random random = new Random(7);
    for (int trial = 0; trial < 500; trial++) {
      int side = 1 + random.nextInt(60);
      int window = 1 + random.nextInt(side);
      int stride = 1 + random.nextInt(window);
      boolean[] covered = new boolean[side];
      for (int start : starts(side, window, stride)) {
        for (int i = start; i < start + window; i++) {
          covered[i] = true;
        }
      }
      String drawn = "%d %d %d".formatted(side, window, stride);
      assertTrue(IntStream.range(0, side).allMatch(i -> covered[i]), drawn);
    }
  }

  @Test
  void theOriginalsScalesTakeAHundredAndTenPasses() {
    // 1 + 4 + 9 + 16 + 25 windows, twice
    assertEquals(110, ImageScales.DINOV2.passes(640, 16));
    assertEquals(110, ImageScales.DINOV2.passes(224, 14));
    assertEquals(new SlidingWindows(112, 112, 112), ImageScales.windows(0.5, 224, 14));
    assertTrue(ImageScales.SINGLE.isSingle());
    assertThrows(IllegalArgumentException.class, () -> new ImageScales(List.of(1.0, 1.0)));
    assertThrows(IllegalArgumentException.class, () -> new ImageScales(List.of(Double.NaN)));
    assertThrows(IllegalArgumentException.class, () -> new ImageScales(List.of(5.0)));
  }

  /**
   * Windows of 4 pixels every 2 in a square of 6 whose second class has logits 1, 2, 3 and 4: rows
   * and columns 0 and 1 are seen by one side's windows, 2 and 3 by both, 4 and 5 by the other's.
   */
  @Test
  void overlappingLogitsAreAveragedBeforeTheyBecomeProbabilities() {
    float[] logits = {0, 1, 0, 2, 0, 3, 0, 4};
    double[][] means = {{1, 1.5, 2}, {2, 2.5, 3}, {3, 3.5, 4}};
    try (SegmentationProbe head = new SegmentationProbe(Probes.SCRIPTS, 2, 1, 1, 0)) {
      float[] shares = head.slidingShares(List.of(logits), new SlidingWindows(6, 4, 2), 1, 6);
      for (int pixel = 0; pixel < 36; pixel++) {
        double mean = means[pixel / 6 / 2][pixel % 6 / 2];
        assertEquals(1 / (1 + Math.exp(-mean)), shares[36 + pixel], 1e-6);
        assertEquals(1, shares[pixel] + shares[36 + pixel], 1e-6);
      }
      // Half the size: each pixel is the middle of four alike
      float[] small = head.slidingShares(List.of(logits), new SlidingWindows(6, 4, 2), 1, 3);
      for (int pixel = 0; pixel < 9; pixel++) {
        assertEquals(1 / (1 + Math.exp(-means[pixel / 3][pixel % 3])), small[9 + pixel], 1e-6);
      }
    }
  }

  @TempDir private Path dir;

  private BackboneModel model() throws IOException {
    VisionTransformerConfig config =
        VisionTransformerConfig.of(16, 4, 64, 4, 1).withLayerScaleInit(1);
    StateDict.Builder weights = StateDict.builder();
    config
        .parameterShapes()
        .forEach(
            (name, shape) ->
                weights.put(
                    name,
                    WeightTensor.ofFloats(
                        ParameterInitialization.backbone(config, name, shape, 1),
                        shape.getShape())));
    HuggingFaceDirectory.write(dir, config, weights.build(), Preprocessing.imageNet(16, 16));
    return (BackboneModel) new EvaluatedModels(Probes.SCRIPTS, ModelOptions.none()).open(dir);
  }

  private static RgbImage image() {
    byte[] rgb = new byte[RgbImage.sizeOf(32, 32)];
    new Random(4).nextBytes(rgb);
    return new RgbImage(32, 32, rgb);
  }

  @Test
  void oneScaleIsTheMeanOfTheImageAndItsMirrorImage() throws IOException {
    TokenBlocks blocks = TokenBlocks.last(2, 4);
    try (BackboneModel model = model();
        SegmentationProbe head = new SegmentationProbe(Probes.SCRIPTS, CLASSES, 64, 2, 0)) {
      MultiScaleSegmentation alone =
          new MultiScaleSegmentation(model, head, blocks, ImageScales.SINGLE);
      RgbImage view = alone.views(image()).get(0);
      float[] straight = head.shares(model.patchTokens(List.of(view), blocks).get(0), 16);
      float[] mirrored =
          head.shares(model.patchTokens(List.of(HorizontalFlip.of(view)), blocks).get(0), 16);
      float[] expected = new float[straight.length];
      for (int i = 0; i < expected.length; i++) {
        expected[i] = (straight[i] + mirrored[i - i % 16 + 15 - i % 16]) / 2;
      }
      assertArrayEquals(expected, alone.shares(List.of(view)), 1e-6f);
    }
  }

  @Test
  void theMirrorImageOfAnImageIsSegmentedAsItsMirrorImage() throws IOException {
    TokenBlocks blocks = TokenBlocks.last(1, 4);
    try (BackboneModel model = model();
        SegmentationProbe head = new SegmentationProbe(Probes.SCRIPTS, CLASSES, 64, 1, 0)) {
      MultiScaleSegmentation several =
          new MultiScaleSegmentation(
              model, head, blocks, new ImageScales(List.of(0.5, 1.0, 1.7, 2.0)));
      List<RgbImage> views = several.views(image());
      assertEquals(List.of(8, 16, 27, 32), views.stream().map(RgbImage::width).toList());
      float[] shares = several.shares(views);
      float[] mirrored = several.shares(views.stream().map(HorizontalFlip::of).toList());
      for (int i = 0; i < shares.length; i++) {
        assertEquals(shares[i], mirrored[i - i % 16 + 15 - i % 16], 1e-5);
      }
      int pixels = 16 * 16;
      for (int pixel = 0; pixel < pixels; pixel++) {
        int at = pixel;
        assertEquals(
            1, IntStream.range(0, CLASSES).mapToDouble(k -> shares[k * pixels + at]).sum(), 1e-5);
      }
    }
  }
}
