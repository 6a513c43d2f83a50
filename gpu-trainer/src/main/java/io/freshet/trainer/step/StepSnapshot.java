package io.freshet.trainer.step;

import io.freshet.trainer.checkpoint.StateTensor;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * All that a step works on, copied to the Java heap; training from it is bit-identical on a CPU.
 *
 * @param step the next step to run
 * @param imagesSeen images of all applied steps
 * @param tensors {@code student.*}, {@code teacher.*}, {@code exp_avg.*} and {@code exp_avg_sq.*}
 *     over checkpoint names, {@code center.dino}, {@code center.ibot} and {@code updates}, AdamW's
 *     count of updates, which a skipped step does not raise
 */
public record StepSnapshot(long step, long imagesSeen, Map<String, StateTensor> tensors) {

  public static final String STUDENT = "student.";
  public static final String TEACHER = "teacher.";
  public static final String EXP_AVG = "exp_avg.";
  public static final String EXP_AVG_SQ = "exp_avg_sq.";
  public static final String DINO_CENTER = "center.dino";
  public static final String IBOT_CENTER = "center.ibot";
  public static final String UPDATES = "updates";

  public StepSnapshot {
    if (step < 0 || imagesSeen < 0) {
      throw new IllegalArgumentException(
          "a snapshot has no negative step or image count, not step "
              + step
              + " and "
              + imagesSeen
              + " images");
    }
    tensors = Collections.unmodifiableMap(new TreeMap<>(tensors));
  }

  /**
   * A state at step 0 whose optimizer has no past.
   *
   * @param imagesSeen images behind the parameters
   * @param student by checkpoint name
   * @param teacher the same names
   * @param dinoCenter (1, K) of the class targets
   * @param ibotCenter (1, K) of the patch targets
   */
  public static StepSnapshot begin(
      long imagesSeen,
      Map<String, StateTensor> student,
      Map<String, StateTensor> teacher,
      StateTensor dinoCenter,
      StateTensor ibotCenter) {
    Map<String, StateTensor> tensors = new TreeMap<>();
    student.forEach(
        (name, value) -> {
          tensors.put(STUDENT + name, value);
          tensors.put(EXP_AVG + name, zeros(value));
          tensors.put(EXP_AVG_SQ + name, zeros(value));
        });
    teacher.forEach((name, value) -> tensors.put(TEACHER + name, value));
    tensors.put(DINO_CENTER, dinoCenter);
    tensors.put(IBOT_CENTER, ibotCenter);
    tensors.put(UPDATES, StateTensor.of(new float[1], 1));
    return new StepSnapshot(0, imagesSeen, tensors);
  }

  private static StateTensor zeros(StateTensor like) {
    return StateTensor.of(new float[like.data().remaining() / Float.BYTES], like.dims());
  }

  /** The tensors whose names start with {@code prefix}, under the rest of their names. */
  public Map<String, StateTensor> under(String prefix) {
    Map<String, StateTensor> found = new TreeMap<>();
    tensors.forEach(
        (name, value) -> {
          if (name.startsWith(prefix)) {
            found.put(name.substring(prefix.length()), value);
          }
        });
    return found;
  }

  /** The tensor of that name. */
  public StateTensor get(String name) {
    StateTensor value = tensors.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "the snapshot has no tensor " + name + "; it was not made by this trainer");
    }
    return value;
  }

  /** The same tensors as the state before step {@code newStep}. */
  public StepSnapshot at(long newStep) {
    return new StepSnapshot(newStep, imagesSeen, tensors);
  }

  /** The same with some tensors replaced. */
  public StepSnapshot with(Map<String, StateTensor> replaced) {
    Map<String, StateTensor> all = new TreeMap<>(tensors);
    all.putAll(replaced);
    return new StepSnapshot(step, imagesSeen, all);
  }
}
