package io.freshet.trainer.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.freshet.trainer.checkpoint.StateTensor;
import io.freshet.vision.torch.Autograd;
import io.freshet.vision.torch.Tensors;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The tensors that training works on: student, teacher, AdamW's moments and the centres of the
 * targets, with the count of steps. All are updated in place.
 *
 * <p>Owned by the training thread. Others may read a parameter only while no step runs. The tensors
 * live in native memory until {@link #close}.
 */
public final class TrainerState implements AutoCloseable {

  private final NDManager manager;
  private final Map<String, NDArray> student;
  private final Map<String, NDArray> teacher;
  private final Map<String, NDArray> expAvg;
  private final Map<String, NDArray> expAvgSq;
  private final NDArray dinoCenter;
  private final NDArray ibotCenter;
  private final NDArray updates;
  private long step;
  private long imagesSeen;

  private TrainerState(NDManager manager, StepSnapshot snapshot) {
    this.manager = manager;
    this.student = under(StepSnapshot.STUDENT, snapshot);
    this.teacher = under(StepSnapshot.TEACHER, snapshot);
    this.expAvg = under(StepSnapshot.EXP_AVG, snapshot);
    this.expAvgSq = under(StepSnapshot.EXP_AVG_SQ, snapshot);
    this.dinoCenter = load(snapshot, StepSnapshot.DINO_CENTER);
    this.ibotCenter = load(snapshot, StepSnapshot.IBOT_CENTER);
    this.updates = load(snapshot, StepSnapshot.UPDATES);
    this.step = snapshot.step();
    this.imagesSeen = snapshot.imagesSeen();
    requireSameNames(student.keySet(), teacher.keySet(), StepSnapshot.TEACHER);
    requireSameNames(student.keySet(), expAvg.keySet(), StepSnapshot.EXP_AVG);
    requireSameNames(student.keySet(), expAvgSq.keySet(), StepSnapshot.EXP_AVG_SQ);
    student.values().forEach(parameter -> Autograd.requireGrad(parameter, true));
  }

  /**
   * A state that goes on from {@code snapshot}.
   *
   * @param manager gets the tensors, on whose device they will be; closed by {@link #close}
   */
  public static TrainerState restore(NDManager manager, StepSnapshot snapshot) {
    return new TrainerState(manager, snapshot);
  }

  /**
   * A state at step 0 with a freshly drawn student, whose teacher equals it.
   *
   * @param manager gets the tensors, on whose device they will be; closed by {@link #close}
   */
  public static TrainerState begin(NDManager manager, TrainingConfig config, long seed) {
    Map<String, StateTensor> drawn = InitialParameters.draw(config, seed);
    return begin(
        manager,
        drawn,
        drawn,
        config.losses().dino().head().prototypes(),
        config.losses().patchPrototypes());
  }

  /**
   * A state at step 0.
   *
   * @param manager gets the tensors, on whose device they will be; closed by {@link #close}
   * @param student first values by checkpoint name
   * @param teacher the same names; most often equal to {@code student}
   * @param dinoPrototypes size of the centre of the class targets
   * @param ibotPrototypes size of the centre of the patch targets
   */
  public static TrainerState begin(
      NDManager manager,
      Map<String, StateTensor> student,
      Map<String, StateTensor> teacher,
      int dinoPrototypes,
      int ibotPrototypes) {
    return new TrainerState(
        manager,
        StepSnapshot.begin(0, student, teacher, center(dinoPrototypes), center(ibotPrototypes)));
  }

  private static StateTensor center(int prototypes) {
    return StateTensor.of(new float[prototypes], 1, prototypes);
  }

  /** The next step to run, from 0. */
  public long step() {
    return step;
  }

  /** Images of all applied steps. */
  public long imagesSeen() {
    return imagesSeen;
  }

  /** The student's parameters by checkpoint name; live, unmodifiable map. */
  public Map<String, NDArray> student() {
    return Collections.unmodifiableMap(student);
  }

  /** The moving average of the student, by checkpoint name; live, unmodifiable map. */
  public Map<String, NDArray> teacher() {
    return Collections.unmodifiableMap(teacher);
  }

  /** Copies everything to the Java heap. */
  public StepSnapshot snapshot() {
    Map<String, StateTensor> tensors = new TreeMap<>();
    copyOut(StepSnapshot.STUDENT, student, tensors);
    copyOut(StepSnapshot.TEACHER, teacher, tensors);
    copyOut(StepSnapshot.EXP_AVG, expAvg, tensors);
    copyOut(StepSnapshot.EXP_AVG_SQ, expAvgSq, tensors);
    tensors.put(StepSnapshot.DINO_CENTER, host(dinoCenter));
    tensors.put(StepSnapshot.IBOT_CENTER, host(ibotCenter));
    tensors.put(StepSnapshot.UPDATES, host(updates));
    return new StepSnapshot(step, imagesSeen, tensors);
  }

  private static void copyOut(
      String prefix, Map<String, NDArray> arrays, Map<String, StateTensor> target) {
    arrays.forEach((name, array) -> target.put(prefix + name, host(array)));
  }

  private static StateTensor host(NDArray array) {
    return new StateTensor(
        StateTensor.Type.F32,
        StateTensor.boxed(array.getShape().getShape()),
        ByteBuffer.wrap(Tensors.bytes(array)));
  }

  private Map<String, NDArray> under(String prefix, StepSnapshot snapshot) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    snapshot.under(prefix).forEach((name, value) -> arrays.put(name, load(prefix + name, value)));
    return arrays;
  }

  private NDArray load(StepSnapshot snapshot, String name) {
    return load(name, snapshot.get(name));
  }

  private NDArray load(String name, StateTensor value) {
    if (value.type() != StateTensor.Type.F32) {
      throw new IllegalArgumentException(name + " is " + value.type() + ", training needs F32");
    }
    return Tensors.of(manager, value.data(), DataType.FLOAT32, value.dims());
  }

  private static void requireSameNames(Set<String> expected, Set<String> actual, String prefix) {
    if (!expected.equals(actual)) {
      List<String> different = new ArrayList<>(expected);
      different.removeAll(actual);
      List<String> further = new ArrayList<>(actual);
      further.removeAll(expected);
      throw new IllegalArgumentException(
          prefix
              + "* must have the names of student.*; missing "
              + different
              + ", too many "
              + further);
    }
  }

  /** Parameters of the student in the order of their names; live. */
  public List<NDArray> student(List<String> names) {
    return pick(student, names);
  }

  List<NDArray> expAvg(List<String> names) {
    return pick(expAvg, names);
  }

  List<NDArray> expAvgSq(List<String> names) {
    return pick(expAvgSq, names);
  }

  NDArray updates() {
    return updates;
  }

  /** The centres of class and patch targets, 1 x K each; live. */
  public List<NDArray> centers() {
    return List.of(dinoCenter, ibotCenter);
  }

  void advance(int appliedImages) {
    step++;
    imagesSeen += appliedImages;
  }

  private static List<NDArray> pick(Map<String, NDArray> arrays, List<String> names) {
    return names.stream().map(arrays::get).toList();
  }

  @Override
  public void close() {
    manager.close();
  }
}
