package io.freshet.trainer.masking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.vision.testing.Goldens;
import io.freshet.vision.testing.Npz;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BlockMaskingGoldenTest {

  private static final Pattern DRAWS = Pattern.compile("grid(\\d+)_target(\\d+)");
  private static final Pattern BATCHES = Pattern.compile("grid(\\d+)_collate_B(\\d+)_x(\\d+)");
  private static final int TRIALS = 4000;
  private static final long SEED = 20260301;

  static Stream<String> draws() throws IOException {
    return cases(DRAWS);
  }

  static Stream<String> batches() throws IOException {
    return cases(BATCHES);
  }

  private static Stream<String> cases(Pattern pattern) throws IOException {
    List<String> names = new ArrayList<>();
    stats().fieldNames().forEachRemaining(names::add);
    return names.stream().filter(name -> pattern.matcher(name).matches());
  }

  private static JsonNode stats() throws IOException {
    return new ObjectMapper()
        .readTree(Goldens.dir("schedules").resolve("masking_stats.json").toFile());
  }

  @ParameterizedTest
  @MethodSource("draws")
  void countsAndPositionsAreDistributedAsTheReference(String name) throws IOException {
    Matcher match = DRAWS.matcher(name);
    assertTrue(match.matches());
    int side = Integer.parseInt(match.group(1));
    int target = Integer.parseInt(match.group(2));
    BlockMasking masking = new BlockMasking(side, side);
    SplittableRandom random = new SplittableRandom(SEED);
    int[] histogram = new int[side * side + 1];
    double[] frequency = new double[side * side];
    for (int trial = 0; trial < TRIALS; trial++) {
      boolean[] mask = masking.draw(target, random);
      int count = 0;
      for (int i = 0; i < mask.length; i++) {
        count += mask[i] ? 1 : 0;
        frequency[i] += mask[i] ? 1.0 / TRIALS : 0;
      }
      assertTrue(count <= target, "a mask never exceeds its target");
      histogram[count]++;
    }

    JsonNode expected = stats().get(name);
    double mean = 0;
    for (int count = 0; count < histogram.length; count++) {
      mean += (double) count * histogram[count] / TRIALS;
    }
    assertEquals(expected.get("mean").asDouble(), mean, Math.min(0.3, 0.03 * target + 0.01));
    assertEquals(
        expected.get("frac_exact").asDouble(), (double) histogram[target] / TRIALS, 0.04, "exact");
    Npz reference = Goldens.npz("schedules", "masking_hist.npz");
    double[] counts = reference.get(name + "/count_hist").doubles();
    for (int count = 0; count < histogram.length; count++) {
      assertEquals(
          counts[count] / TRIALS, (double) histogram[count] / TRIALS, 0.04, "count " + count);
    }
    double[] positions = reference.get(name + "/position_freq").doubles();
    for (int i = 0; i < positions.length; i++) {
      assertEquals(positions[i], frequency[i], 0.04, "position " + i);
    }
  }

  @ParameterizedTest
  @MethodSource("batches")
  void wholeBatchesAreMaskedAsTheReference(String name) throws IOException {
    Matcher match = BATCHES.matcher(name);
    assertTrue(match.matches());
    int side = Integer.parseInt(match.group(1));
    int crops = 2 * Integer.parseInt(match.group(2));
    int batches = Integer.parseInt(match.group(3));
    MaskSampling sampling = new MaskSampling(0.5, 0.1, 0.5);
    BlockMasking blocks = new BlockMasking(side, side);
    SplittableRandom random = new SplittableRandom(SEED);
    double total = 0;
    double perMaskedImage = 0;
    double squares = 0;
    int maskedImages = 0;
    for (int batch = 0; batch < batches; batch++) {
      TokenMasks masks = sampling.sample(blocks, crops, random);
      total += (double) masks.indices().length / batches;
      for (int crop = 0; crop < crops; crop++) {
        int count = 0;
        for (int i = 0; i < masks.patches(); i++) {
          count += masks.masked()[crop * masks.patches() + i] ? 1 : 0;
        }
        if (count > 0) {
          maskedImages++;
          perMaskedImage += count;
          squares += (double) count * count;
        }
      }
    }

    JsonNode expected = stats().get(name);
    assertEquals(expected.get("upperbound").asInt(), sampling.upperBound(crops, side * side));
    assertEquals(
        expected.get("total_masked_mean").asDouble(),
        total,
        4 * expected.get("total_masked_std").asDouble() * Math.sqrt(2.0 / batches));
    double mean = perMaskedImage / maskedImages;
    assertEquals(expected.get("per_masked_image_mean").asDouble(), mean, 0.3);
    double std = Math.sqrt(squares / maskedImages - mean * mean);
    assertEquals(expected.get("per_masked_image_std").asDouble(), std, 0.03 * std);
    assertTrue(maskedImages <= batches * expected.get("n_masked_images_max").asInt());
  }
}
