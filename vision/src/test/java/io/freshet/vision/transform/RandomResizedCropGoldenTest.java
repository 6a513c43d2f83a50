package io.freshet.vision.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.vision.testing.Goldens;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The distributions of {@code random_param_stats.json}, which torchvision drew. */
class RandomResizedCropGoldenTest {
  private static final int DRAWS = 20_000;
  private static final Pattern CASE = Pattern.compile("rrc_.*_([0-9.]+)_([0-9.]+)_(\\d+)x(\\d+)");

  @Test
  void drawsFromTheSameDistributions() throws Exception {
    JsonNode stats =
        new ObjectMapper()
            .readTree(Goldens.dir("preproc").resolve("random_param_stats.json").toFile());
    int compared = 0;
    for (Map.Entry<String, JsonNode> entry : stats.properties()) {
      Matcher name = CASE.matcher(entry.getKey());
      if (name.matches()) {
        RandomResizedCrop sampler =
            RandomResizedCrop.ofScale(
                Double.parseDouble(name.group(1)), Double.parseDouble(name.group(2)));
        compare(sampler, Integer.parseInt(name.group(4)), Integer.parseInt(name.group(3)), entry);
        compared++;
      }
    }
    assertTrue(compared >= 1);
  }

  private static void compare(
      RandomResizedCrop sampler, int width, int height, Map.Entry<String, JsonNode> golden) {
    SplittableRandom random = new SplittableRandom(5);
    double[] areas = new double[DRAWS];
    double[] aspects = new double[DRAWS];
    double tops = 0;
    double lefts = 0;
    for (int i = 0; i < DRAWS; i++) {
      Crop crop = sampler.sample(width, height, random);
      areas[i] = (double) crop.width() * crop.height() / ((double) width * height);
      aspects[i] = (double) crop.width() / crop.height();
      tops += height > crop.height() ? (double) crop.top() / (height - crop.height()) : 0;
      lefts += width > crop.width() ? (double) crop.left() / (width - crop.width()) : 0;
    }
    String name = golden.getKey();
    JsonNode expected = golden.getValue();
    Arrays.sort(areas);
    Arrays.sort(aspects);
    assertEquals(
        expected.get("area_ratio_mean").asDouble(),
        Arrays.stream(areas).average().orElseThrow(),
        0.01,
        name);
    assertEquals(
        expected.get("log_aspect_mean").asDouble(),
        Arrays.stream(aspects).map(Math::log).average().orElseThrow(),
        0.01,
        name);
    quantiles(expected.get("area_ratio_quantiles"), areas, 0.02, name);
    quantiles(expected.get("aspect_quantiles"), aspects, 0.03, name);
    // The fallback of a long picture sits in the middle, and a crop of full height has no choice.
    if (Math.max(width, height) < 2 * Math.min(width, height)) {
      assertEquals(0.5, tops / DRAWS, 0.02, name);
      assertEquals(0.5, lefts / DRAWS, 0.02, name);
    }
  }

  private static void quantiles(JsonNode expected, double[] sorted, double tolerance, String name) {
    expected
        .properties()
        .forEach(
            quantile -> {
              int rank = Integer.parseInt(quantile.getKey()) * sorted.length / 100;
              assertEquals(
                  quantile.getValue().asDouble(),
                  sorted[rank],
                  tolerance,
                  name + ", quantile " + quantile.getKey());
            });
  }
}
