package io.freshet.trainer.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.vision.testing.Goldens;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ParameterGroupsGoldenTest {

  private static final Pattern BACKBONE =
      Pattern.compile(".*_depth(\\d+)_.*decay([0-9.]+)_patch([0-9.]+)");
  private static final Pattern HEAD = Pattern.compile("dino_head_decay([0-9.]+)");
  private static final String COUNT = "__fused_group_count";

  static Stream<String> models() throws IOException {
    List<String> names = new ArrayList<>();
    groups().fieldNames().forEachRemaining(names::add);
    return names.stream().filter(name -> !name.endsWith(COUNT));
  }

  static Stream<String> steps() throws IOException {
    List<String> names = new ArrayList<>();
    if (Files.exists(Goldens.dir("trainstep").resolve("summary.json"))) {
      summary().fieldNames().forEachRemaining(names::add);
    }
    return names.stream();
  }

  private static JsonNode groups() throws IOException {
    return new ObjectMapper()
        .readTree(Goldens.dir("schedules").resolve("param_groups.json").toFile());
  }

  private static JsonNode summary() throws IOException {
    return new ObjectMapper().readTree(Goldens.dir("trainstep").resolve("summary.json").toFile());
  }

  private static OptimizerConfig config(double decay, double patchMultiplier) {
    return new OptimizerConfig(0.9, 0.999, 1e-8, 3.0, decay, patchMultiplier);
  }

  @ParameterizedTest
  @MethodSource("models")
  void multipliersEqualTheReference(String model) throws IOException {
    JsonNode parameters = groups().get(model);
    Matcher backbone = BACKBONE.matcher(model);
    Matcher head = HEAD.matcher(model);
    if (backbone.matches()) {
      int depth = Integer.parseInt(backbone.group(1));
      OptimizerConfig config =
          config(Double.parseDouble(backbone.group(2)), Double.parseDouble(backbone.group(3)));
      check("backbone.", parameters, depth, config);
      List<String> names = new ArrayList<>();
      parameters.fieldNames().forEachRemaining(name -> names.add("backbone." + name));
      assertEquals(
          groups().get(model + COUNT).asInt(),
          ParameterGroups.of(names, depth, config).groups().size());
    } else {
      assertTrue(head.matches(), "no rule for the reference model " + model);
      check("dino_head.", parameters, 12, config(Double.parseDouble(head.group(1)), 0.2));
    }
  }

  @ParameterizedTest
  @MethodSource("steps")
  void multipliersOfAWholeStudentEqualTheReference(String step) throws IOException {
    check("", summary().get(step).get("param_groups"), 2, config(0.9, 0.2));
  }

  private static void check(String prefix, JsonNode parameters, int depth, OptimizerConfig config) {
    parameters
        .properties()
        .forEach(
            entry -> {
              ParameterRole role = ParameterRole.of(prefix + entry.getKey(), depth, config);
              JsonNode expected = entry.getValue();
              String name = entry.getKey();
              double multiplier = expected.get("lr_multiplier").asDouble();
              assertEquals(multiplier, role.learningRateMultiplier(), 1e-12 * multiplier, name);
              assertEquals(
                  expected.get("wd_multiplier").asDouble(), role.weightDecayMultiplier(), name);
              assertEquals(expected.get("is_last_layer").asBoolean(), role.lastLayer(), name);
            });
  }
}
