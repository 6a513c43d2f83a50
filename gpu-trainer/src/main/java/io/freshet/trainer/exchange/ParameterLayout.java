package io.freshet.trainer.exchange;

import io.freshet.trainer.checkpoint.StateTensor;
import io.freshet.trainer.step.StepSnapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A model as one row of numbers: parameters in the order of their names, each row-major. Workers
 * with the same recipe have the same layout. Immutable.
 */
public final class ParameterLayout {
  private static final String STUDENT = "student.";
  private static final String TEACHER = "teacher.";
  private static final String CENTER = "center.";

  private final List<String> parameters;
  private final List<String> centers;

  private ParameterLayout(List<String> parameters, List<String> centers) {
    this.parameters = List.copyOf(parameters);
    this.centers = List.copyOf(centers);
  }

  /** The layout of the model in a snapshot. */
  public static ParameterLayout of(StepSnapshot snapshot) {
    List<String> parameters = new ArrayList<>();
    List<String> centers = new ArrayList<>();
    for (String name : snapshot.tensors().keySet()) {
      if (name.startsWith(STUDENT)) {
        parameters.add(name.substring(STUDENT.length()));
      } else if (name.startsWith(CENTER)) {
        centers.add(name);
      }
    }
    return new ParameterLayout(parameters, centers);
  }

  /** The state of round 0 that a snapshot makes, without momentum. */
  public OuterState initial(StepSnapshot snapshot) {
    float[] student = flat(STUDENT, parameters, snapshot);
    return new OuterState(
        0,
        0,
        student,
        new float[student.length],
        flat(TEACHER, parameters, snapshot),
        flat("", centers, snapshot));
  }

  /** What the steps from {@code base} to {@code snapshot} bring to the round. */
  public Contribution contribution(OuterState base, StepSnapshot snapshot) {
    float[] delta = flat(STUDENT, parameters, snapshot);
    for (int i = 0; i < delta.length; i++) {
      delta[i] = base.student()[i] - delta[i];
    }
    return new Contribution(delta, flat("", centers, snapshot));
  }

  /**
   * {@code snapshot} with the outer state's student, teacher and centres; step, counts and the
   * optimiser's moments stay the worker's own.
   */
  public StepSnapshot adopt(OuterState outer, StepSnapshot snapshot) {
    Map<String, StateTensor> tensors = new HashMap<>(snapshot.tensors());
    put(outer.student(), STUDENT, parameters, tensors);
    put(outer.teacher(), TEACHER, parameters, tensors);
    put(outer.centers(), "", centers, tensors);
    return new StepSnapshot(snapshot.step(), snapshot.imagesSeen(), tensors);
  }

  private static float[] flat(String prefix, List<String> names, StepSnapshot snapshot) {
    List<float[]> parts =
        names.stream().map(name -> snapshot.tensors().get(prefix + name).floats()).toList();
    float[] flat =
        new float[parts.stream().mapToInt(part -> part.length).reduce(0, Math::addExact)];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, flat, at, part.length);
      at += part.length;
    }
    return flat;
  }

  private static void put(
      float[] flat, String prefix, List<String> names, Map<String, StateTensor> tensors) {
    int at = 0;
    for (String name : names) {
      StateTensor before = tensors.get(prefix + name);
      int size = before.data().remaining() / Float.BYTES;
      tensors.put(
          prefix + name, StateTensor.of(Arrays.copyOfRange(flat, at, at + size), before.dims()));
      at += size;
    }
    if (at != flat.length) {
      throw new IllegalArgumentException(
          "the outer state has %d values where this model takes %d; do all workers train the same trainer.recipe?"
              .formatted(flat.length, at));
    }
  }
}
