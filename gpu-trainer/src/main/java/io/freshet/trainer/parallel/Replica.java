package io.freshet.trainer.parallel;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.trainer.masking.TokenMasks;
import io.freshet.trainer.step.ModelParts;
import io.freshet.trainer.step.TrainerState;
import io.freshet.trainer.step.TrainingBatch;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.torch.Autograd;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The backbones of student and teacher on one device, and that device's part of a step. One call at
 * a time, from any thread. The heads and the optimiser's moments are the master's alone.
 */
final class Replica implements AutoCloseable {
  private final TorchScriptLibrary library;
  private final VisionTransformerConfig model;
  private final Device device;
  private final NDManager own;
  private final Map<String, NDArray> student;
  private final Map<String, NDArray> teacher;

  private Replica(
      TorchScriptLibrary library,
      VisionTransformerConfig model,
      NDManager own,
      Map<String, NDArray> student,
      Map<String, NDArray> teacher) {
    this.library = library;
    this.model = model;
    this.device = own.getDevice();
    this.own = own;
    this.student = student;
    this.teacher = teacher;
  }

  /** The first replica: it works on the master's tensors themselves. */
  static Replica over(
      TrainerState master,
      TorchScriptLibrary library,
      VisionTransformerConfig model,
      Device device) {
    return new Replica(
        library,
        model,
        library.runtime().newManager(device),
        ModelParts.of(master.student()).backbone(),
        ModelParts.of(master.teacher()).backbone());
  }

  /** A further replica with tensors of its own, which begin as the master's. */
  static Replica copyOf(
      TrainerState master,
      TorchScriptLibrary library,
      VisionTransformerConfig model,
      Device device) {
    NDManager own = library.runtime().newManager(device);
    Map<String, NDArray> student = copies(own, ModelParts.of(master.student()).backbone());
    student.values().forEach(parameter -> Autograd.requireGrad(parameter, true));
    Map<String, NDArray> teacher = copies(own, ModelParts.of(master.teacher()).backbone());
    return new Replica(library, model, own, student, teacher);
  }

  private static Map<String, NDArray> copies(NDManager owner, Map<String, NDArray> tensors) {
    Map<String, NDArray> copies = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) ->
            copies.put(
                name,
                Tensors.of(
                    owner,
                    ByteBuffer.wrap(Tensors.bytes(tensor)),
                    tensor.getDataType(),
                    tensor.getShape().getShape())));
    return copies;
  }

  Device device() {
    return device;
  }

  /** Takes the master's parameters over. */
  void follow(TrainerState master) {
    try (NDManager scope = library.runtime().newManager(device)) {
      assign(scope, student, ModelParts.of(master.student()).backbone());
      assign(scope, teacher, ModelParts.of(master.teacher()).backbone());
    }
  }

  private void assign(NDManager scope, Map<String, NDArray> to, Map<String, NDArray> from) {
    library.call(
        scope,
        GradMode.NO_GRAD,
        "assign",
        TorchValue.tensors(List.copyOf(to.values())),
        TorchValue.tensors(to.keySet().stream().map(from::get).toList()));
  }

  /** Sends the shard's images through both backbones; the caller closes what it gets. */
  Pass forward(TrainingBatch batch, Shard shard, KeptPaths kept) {
    NDManager scope = library.runtime().newManager(device);
    try {
      TokenMasks masks = shard.masks(batch.masks());
      float[] globals = shard.rows(batch.globals(), TrainingBatch.GLOBAL_CROPS);
      float[] locals = shard.rows(batch.locals(), batch.localCrops());
      List<NDArray> tokens =
          library
              .call(
                  scope,
                  GradMode.ENABLE_GRAD,
                  "replica_forward",
                  TorchValue.dict(student),
                  TorchValue.dict(teacher),
                  TorchValue.tensor(Tensors.of(scope, globals, shape(shard, batch.globalShape()))),
                  TorchValue.tensor(Tensors.of(scope, locals, shape(shard, batch.localShape()))),
                  TorchValue.tensor(
                      Tensors.of(scope, masks.masked(), masks.crops(), masks.patches())),
                  TorchValue.tensor(Tensors.of(scope, masks.indices(), masks.indices().length)),
                  TorchValue.tensors(
                      kept.of(shard).stream()
                          .map(rows -> Tensors.of(scope, rows, rows.length))
                          .toList()),
                  new TorchValue.Reals(Arrays.stream(kept.scales()).boxed().toList()),
                  TorchValue.integer(model.heads()),
                  TorchValue.real(model.interpolateOffset()),
                  TorchValue.flag(model.interpolateAntialias()))
              .tensors();
      return new Pass(scope, tokens, masks.weights());
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
  }

  /** The batch's shape with the shard's rows. */
  private static long[] shape(Shard shard, long... batch) {
    long[] shape = batch.clone();
    shape[0] = shape[0] / shard.batchImages() * shard.images();
    return shape;
  }

  /** Frees the tensors of its own, not the master's. */
  @Override
  public void close() {
    own.close();
  }

  /** A forward pass whose graph waits for the gradients of its tokens. */
  final class Pass implements AutoCloseable {
    private final NDManager scope;
    private final List<NDArray> tokens;
    private final float[] patchWeights;

    private Pass(NDManager scope, List<NDArray> tokens, float[] patchWeights) {
      this.scope = scope;
      this.tokens = tokens;
      this.patchWeights = patchWeights;
    }

    /** The student's class tokens of the global crops (2b, D). */
    NDArray globalCls() {
      return tokens.get(0);
    }

    /** The student's class tokens of the local crops (V * b, D). */
    NDArray localCls() {
      return tokens.get(1);
    }

    /** The student's tokens of the hidden patches (n, D). */
    NDArray masked() {
      return tokens.get(2);
    }

    /** The teacher's class tokens of the global crops (2b, D). */
    NDArray seenCls() {
      return tokens.get(3);
    }

    /** What the teacher sees where the student's patches are hidden (n, D). */
    NDArray seenMasked() {
      return tokens.get(4);
    }

    /** The weight of each hidden patch in the loss. */
    float[] patchWeights() {
      return patchWeights;
    }

    /**
     * This shard's share in the gradients of the student's backbone.
     *
     * @param tokenGradients of {@link #globalCls}, of {@link #localCls} if there are local crops,
     *     of {@link #masked}
     * @return in the order of {@code names}; owned by the pass
     */
    List<NDArray> backward(List<NDArray> tokenGradients, List<String> names) {
      List<NDArray> ends =
          tokenGradients.size() == 2
              ? List.of(globalCls(), masked())
              : List.of(globalCls(), localCls(), masked());
      return library
          .call(
              scope,
              GradMode.NO_GRAD,
              "replica_backward",
              TorchValue.tensors(ends),
              TorchValue.tensors(tokenGradients),
              TorchValue.tensors(names.stream().map(student::get).toList()))
          .tensors();
    }

    /** Frees the graph and all tensors of the pass. */
    @Override
    public void close() {
      scope.close();
    }
  }
}
