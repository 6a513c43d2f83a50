package io.freshet.trainer.parallel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.freshet.trainer.checkpoint.StateTensor;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.vision.torch.Autograd;
import io.freshet.vision.torch.Tensors;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the first device holds for all: parameters, moments and centres under the names of a {@link
 * StepSnapshot}. Updated in place; owned by the training thread.
 */
final class MasterState implements AutoCloseable {
  private static final String STUDENT = "student.";
  private static final String TEACHER = "teacher.";

  private final NDManager manager;
  private final Map<String, NDArray> tensors = new TreeMap<>();
  private long step;
  private long imagesSeen;

  /**
   * @param manager gets the tensors, on whose device they will be; closed by {@link #close}
   */
  MasterState(NDManager manager, StepSnapshot snapshot) {
    this.manager = manager;
    this.step = snapshot.step();
    this.imagesSeen = snapshot.imagesSeen();
    snapshot.tensors().forEach((name, value) -> tensors.put(name, load(name, value)));
    student().values().forEach(parameter -> Autograd.requireGrad(parameter, true));
  }

  private NDArray load(String name, StateTensor value) {
    if (value.type() != StateTensor.Type.F32) {
      throw new IllegalArgumentException(name + " is " + value.type() + ", training needs F32");
    }
    return Tensors.of(manager, value.data(), DataType.FLOAT32, value.dims());
  }

  long step() {
    return step;
  }

  long imagesSeen() {
    return imagesSeen;
  }

  void advance(int appliedImages) {
    step++;
    imagesSeen += appliedImages;
  }

  /** By checkpoint name. */
  Map<String, NDArray> student() {
    return under(STUDENT);
  }

  /** By checkpoint name. */
  Map<String, NDArray> teacher() {
    return under(TEACHER);
  }

  private Map<String, NDArray> under(String prefix) {
    Map<String, NDArray> found = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (name.startsWith(prefix)) {
            found.put(name.substring(prefix.length()), tensor);
          }
        });
    return found;
  }

  List<NDArray> student(List<String> names) {
    return pick(STUDENT, names);
  }

  List<NDArray> expAvg(List<String> names) {
    return pick("exp_avg.", names);
  }

  List<NDArray> expAvgSq(List<String> names) {
    return pick("exp_avg_sq.", names);
  }

  /** AdamW's count of updates. */
  NDArray updates() {
    return pick("", List.of("updates")).get(0);
  }

  /** The centres of class and patch targets. */
  List<NDArray> centers() {
    return pick("center.", List.of("dino", "ibot"));
  }

  private List<NDArray> pick(String prefix, List<String> names) {
    return names.stream().map(name -> required(prefix + name)).toList();
  }

  private NDArray required(String name) {
    NDArray tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "the snapshot has no tensor " + name + "; it was not made by this trainer");
    }
    return tensor;
  }

  /** Copies everything to the Java heap. */
  StepSnapshot snapshot() {
    Map<String, StateTensor> copies = new TreeMap<>();
    tensors.forEach(
        (name, tensor) ->
            copies.put(
                name,
                new StateTensor(
                    StateTensor.Type.F32,
                    StateTensor.boxed(tensor.getShape().getShape()),
                    ByteBuffer.wrap(Tensors.bytes(tensor)))));
    return new StepSnapshot(step, imagesSeen, copies);
  }

  @Override
  public void close() {
    manager.close();
  }
}
