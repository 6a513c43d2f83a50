package io.freshet.trainer.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.trainer.testing.Close;
import io.freshet.vision.testing.Goldens;
import io.freshet.vision.testing.Npz;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScheduleGoldenTest {

  private static final Close CLOSE = Close.within(1e-12, 1e-300);

  private static JsonNode parameters() throws IOException {
    return new ObjectMapper()
        .readTree(Goldens.dir("schedules").resolve("schedules_params.json").toFile());
  }

  private static Stream<String> names(boolean published) throws IOException {
    JsonNode parameters = parameters();
    List<String> names = new ArrayList<>();
    parameters.fieldNames().forEachRemaining(names::add);
    return names.stream().filter(name -> parameters.get(name).has("optim") == published);
  }

  static Stream<String> schedulers() throws IOException {
    return names(false);
  }

  static Stream<String> publishedConfigs() throws IOException {
    return names(true).flatMap(name -> Stream.of(name + "_short", name + "_probe"));
  }

  @ParameterizedTest
  @MethodSource("schedulers")
  void equalsTheReferenceScheduler(String name) throws IOException {
    JsonNode p = parameters().get(name);
    Schedule schedule =
        Schedule.cosine(
            p.get("base_value").asDouble(),
            p.get("final_value").asDouble(),
            p.get("total_iters").asLong(),
            p.path("warmup_iters").asLong(0),
            p.path("start_warmup_value").asDouble(0),
            p.path("freeze_iters").asLong(0));
    double[] expected = Goldens.npz("schedules", "schedules.npz").get(name).doubles();
    for (int step = 0; step < expected.length; step++) {
      CLOSE.check(name + " at " + step, expected[step], schedule.at(step));
    }
  }

  @ParameterizedTest
  @MethodSource("publishedConfigs")
  void equalsThePublishedSchedules(String name) throws IOException {
    JsonNode p = parameters().get(name.substring(0, name.lastIndexOf('_')));
    long epoch = name.endsWith("_short") ? 5 : 1250;
    int batch = p.get("batch_size_per_gpu").asInt() * p.get("world_size_assumed").asInt();
    ScheduleConfig config = config(p.get("optim"), p.get("teacher"), epoch);
    assertEquals(p.get("scaled_lr").asDouble(), config.learningRateAt(batch), 1e-15);
    TrainingSchedules schedules = TrainingSchedules.of(config, batch);
    Npz reference = Goldens.npz("schedules", "schedules.npz");
    long[] steps = reference.get(name + "/iterations").longs();
    StepSettings[] settings =
        Arrays.stream(steps).mapToObj(schedules::at).toArray(StepSettings[]::new);
    for (int i = 0; i < steps.length; i++) {
      String at = name + " at " + steps[i];
      CLOSE.check(at, value(reference, name, "lr", i), settings[i].learningRate());
      CLOSE.check(
          at, value(reference, name, "last_layer_lr", i), settings[i].lastLayerLearningRate());
      CLOSE.check(at, value(reference, name, "wd", i), settings[i].weightDecay());
      CLOSE.check(at, value(reference, name, "momentum", i), settings[i].momentum());
      CLOSE.check(at, value(reference, name, "teacher_temp", i), settings[i].teacherTemperature());
    }
  }

  private static double value(Npz reference, String name, String what, int i) {
    return reference.get(name + "/" + what).doubles()[i];
  }

  private static ScheduleConfig config(JsonNode optim, JsonNode teacher, long epoch) {
    return new ScheduleConfig(
        ScheduleConfig.Shape.COSINE,
        optim.get("epochs").asLong() * epoch,
        optim.get("base_lr").asDouble(),
        ScheduleConfig.Scaling.SQRT_1024,
        optim.get("min_lr").asDouble(),
        optim.get("warmup_epochs").asLong() * epoch,
        optim.get("freeze_last_layer_epochs").asLong() * epoch,
        optim.get("weight_decay").asDouble(),
        optim.get("weight_decay_end").asDouble(),
        teacher.get("momentum_teacher").asDouble(),
        teacher.get("final_momentum_teacher").asDouble(),
        teacher.get("warmup_teacher_temp").asDouble(),
        teacher.get("teacher_temp").asDouble(),
        teacher.get("warmup_teacher_temp_epochs").asLong() * epoch);
  }
}
