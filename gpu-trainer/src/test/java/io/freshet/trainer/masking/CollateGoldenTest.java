package io.freshet.trainer.masking;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.trainer.step.MultiCrop;
import io.freshet.trainer.step.TrainingBatch;
import io.freshet.vision.testing.Goldens;
import io.freshet.vision.testing.Npz;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CollateGoldenTest {

  static Stream<String> cases() {
    return Goldens.cases("schedules", ".npz").stream().filter(name -> name.startsWith("collate"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void derivesIndicesAndWeightsFromTheMasks(String name) {
    Npz reference = Goldens.npz("schedules", name + ".npz");
    TokenMasks masks = masks(reference);
    assertArrayEquals(reference.get("mask_indices_list").longs(), masks.indices());
    assertArrayEquals(reference.get("masks_weight").floats(), masks.weights());
    assertEquals(reference.get("n_masked_patches").scalar(), masks.indices().length);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void cutsTheRangeOfRatiosAsTheReference(String name) {
    Npz reference = Goldens.npz("schedules", name + ".npz");
    MaskSampling sampling = new MaskSampling(0.5, 0.1, 0.5);
    int crops = 2 * (int) reference.get("n_images").scalar();
    assertArrayEquals(
        reference.get("probs").floats(), sampling.ratioBounds(sampling.maskedCrops(crops)));
    assertEquals(
        reference.get("upperbound").scalar(),
        sampling.upperBound(crops, (int) reference.get("n_tokens").scalar()));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void laysCropsOutCropAfterCrop(String name) {
    Npz reference = Goldens.npz("schedules", name + ".npz");
    int images = (int) reference.get("n_images").scalar();
    int locals = reference.get("local_order").size() / images;
    TokenMasks masks = masks(reference);
    List<MultiCrop> crops = new ArrayList<>();
    for (int i = 0; i < images; i++) {
      int image = i;
      crops.add(
          new MultiCrop(
              IntStream.range(0, 2).mapToObj(j -> pixels(8, 10 * image + j)).toList(),
              IntStream.range(0, locals).mapToObj(j -> pixels(4, 100 + 10 * image + j)).toList()));
    }
    TrainingBatch batch = TrainingBatch.collate(crops, 8, 4, masks);
    assertArrayEquals(
        reference.get("global_order").floats(), firstPixels(batch.globals(), 3 * 8 * 8));
    assertArrayEquals(
        reference.get("local_order").floats(), firstPixels(batch.locals(), 3 * 4 * 4));
  }

  private static TokenMasks masks(Npz reference) {
    Npz.Array collated = reference.get("collated_masks");
    int patches = collated.shape().get(1).intValue();
    boolean[] flat = collated.booleans();
    boolean[][] masks = new boolean[collated.shape().get(0).intValue()][];
    for (int crop = 0; crop < masks.length; crop++) {
      masks[crop] = Arrays.copyOfRange(flat, crop * patches, (crop + 1) * patches);
    }
    return TokenMasks.of(masks);
  }

  private static float[] pixels(int side, float value) {
    float[] pixels = new float[3 * side * side];
    Arrays.fill(pixels, value);
    return pixels;
  }

  private static float[] firstPixels(float[] crops, int stride) {
    float[] first = new float[crops.length / stride];
    for (int i = 0; i < first.length; i++) {
      first[i] = crops[i * stride];
    }
    return first;
  }
}
