package io.freshet.trainer.step;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.freshet.trainer.checkpoint.StateTensor;
import io.freshet.trainer.loss.Centering;
import io.freshet.trainer.loss.LossConfig;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A trained model with its heads that changes no more and sets the targets of students. Only the
 * centres of its targets go on following its outputs, where softmax centering uses them.
 *
 * <p>It owns its tensors and frees them on {@link #close}. Owned by the thread that distils.
 */
public final class FrozenTeacher implements AutoCloseable {
  private final TorchScriptLibrary library;
  private final LossConfig losses;
  private final VisionTransformerConfig model;
  private final NDManager manager;
  private final ModelParts parts;
  private final NDArray dinoCenter;
  private final NDArray ibotCenter;

  /**
   * @param library the trainer's scripts; stays the caller's
   * @param losses how its outputs become targets
   * @param model architecture of its backbone
   * @param trained a snapshot whose {@code teacher.*} and {@code center.*} are taken
   */
  public FrozenTeacher(
      TorchScriptLibrary library,
      LossConfig losses,
      VisionTransformerConfig model,
      StepSnapshot trained) {
    this.library = library;
    this.losses = losses;
    this.model = model;
    this.manager = library.runtime().newManager();
    Map<String, NDArray> parameters = new LinkedHashMap<>();
    trained
        .under(StepSnapshot.TEACHER)
        .forEach((name, value) -> parameters.put(name, load(manager, value)));
    this.parts = ModelParts.of(parameters);
    this.dinoCenter = load(manager, trained.get(StepSnapshot.DINO_CENTER));
    this.ibotCenter = load(manager, trained.get(StepSnapshot.IBOT_CENTER));
  }

  private static NDArray load(NDManager manager, StateTensor value) {
    return Tensors.of(manager, value.data(), DataType.FLOAT32, value.dims());
  }

  /**
   * What students are to predict.
   *
   * @param scope gets the results
   * @param pixels whole global crops
   * @param patches of the crops that take part in the patch loss
   * @return {@code dino} (2B, K), {@code ibot} (n, K), {@code target_entropy}, {@code
   *     mean_target_entropy}
   */
  Map<String, NDArray> targets(
      NDManager scope, NDArray pixels, NDArray patches, double temperature) {
    List<NDArray> centers = List.of(dinoCenter, ibotCenter);
    List<TorchValue> results =
        library
            .call(
                scope,
                GradMode.NO_GRAD,
                "frozen_targets",
                TorchValue.dict(parts.backbone()),
                TorchValue.dict(parts.heads()),
                TorchValue.tensor(pixels),
                TorchValue.tensor(patches),
                TorchValue.tensors(centers),
                TorchValue.integer(model.heads()),
                TorchValue.real(model.interpolateOffset()),
                TorchValue.flag(model.interpolateAntialias()),
                TorchValue.flag(losses.ibot().separateHead()),
                TorchValue.flag(losses.centering() == Centering.SINKHORN_KNOPP),
                TorchValue.integer(losses.sinkhornIterations()),
                TorchValue.real(losses.centerMomentum()),
                TorchValue.real(temperature))
            .items();
    library.call(
        scope,
        GradMode.NO_GRAD,
        "assign",
        TorchValue.tensors(centers),
        TorchValue.tensors(results.get(1).tensors()));
    return results.get(0).dict();
  }

  /** The centres as they are now: {@code center.dino} and {@code center.ibot}. */
  public Map<String, StateTensor> centers() {
    return Map.of(
        StepSnapshot.DINO_CENTER, host(dinoCenter), StepSnapshot.IBOT_CENTER, host(ibotCenter));
  }

  private static StateTensor host(NDArray array) {
    return StateTensor.of(array.toFloatArray(), array.getShape().getShape());
  }

  @Override
  public void close() {
    manager.close();
  }
}
