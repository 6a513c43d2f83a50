package io.freshet.deploy.bench;

import ai.djl.ndarray.NDArray;
import io.freshet.trainer.evaluate.BackboneFeatures;
import io.freshet.trainer.evaluate.EvaluationConfig;
import io.freshet.trainer.evaluate.ModelMeasures;
import io.freshet.trainer.evaluate.SetFeatures;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.step.ModelParts;
import io.freshet.trainer.step.StepResult;
import io.freshet.trainer.step.TrainerState;
import io.freshet.trainer.step.TrainingBatch;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.trainer.step.TrainingStep;
import io.freshet.vision.model.VisionTransformer;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.weights.StateDict;
import io.freshet.vision.weights.WeightTensor;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * One training from new parameters, measured on the way: the k-NN accuracy of the teacher's class
 * tokens. The same seed, recipe, batches and threads give the same numbers. Owned by one thread;
 * holds native memory until {@link #close}.
 */
final class QualityRun implements AutoCloseable {
  private final TrainingConfig recipe;
  private final TorchScriptLibrary scripts;
  private final TrainerState state;
  private final TrainingStep step;
  private final TrainingSchedules schedules;
  private final long seed;

  /**
   * k-NN top-1 in percent by data set.
   *
   * @param percent of the class tokens as they are
   * @param centredPercent after the mean of the bank was subtracted from each
   */
  record Accuracy(Map<String, Double> percent, Map<String, Double> centredPercent) {}

  /**
   * @param scripts stays the caller's
   * @param seed decides the first parameters and the paths that are dropped
   */
  QualityRun(TrainingConfig recipe, TorchScriptLibrary scripts, long seed) {
    this.recipe = recipe;
    this.scripts = scripts;
    this.seed = seed;
    this.state = TrainerState.begin(scripts.runtime().newManager(), recipe, seed);
    this.step = new TrainingStep(recipe, scripts, state);
    this.schedules = TrainingSchedules.of(recipe.schedule(), recipe.batchImages());
  }

  /** The next step to train, from 0. */
  long step() {
    return state.step();
  }

  StepResult train(TrainingBatch batch) {
    long at = state.step();
    return step.run(batch, schedules.at(at), new SplittableRandom(seed * 1_000_003 + at));
  }

  /** The accuracy now. */
  Accuracy measure(ModelMeasures measures, EvaluationConfig config) {
    List<SetFeatures> features = features(measures, config);
    return new Accuracy(percent(measures.top1(features)), percent(measures.centredTop1(features)));
  }

  /** The teacher's class tokens now, of all sets. */
  List<SetFeatures> features(ModelMeasures measures, EvaluationConfig config) {
    try (VisionTransformer teacher = teacher()) {
      return measures.features(new BackboneFeatures(teacher, config, () -> {}));
    }
  }

  private VisionTransformer teacher() {
    StateDict.Builder weights = StateDict.builder();
    for (Map.Entry<String, NDArray> parameter :
        ModelParts.of(state.teacher()).backbone().entrySet()) {
      NDArray values = parameter.getValue();
      weights.put(
          parameter.getKey(),
          WeightTensor.ofFloats(values.toFloatArray(), values.getShape().getShape()));
    }
    return VisionTransformer.of(scripts, recipe.backbone(), weights.build());
  }

  static Map<String, Double> percent(Map<String, Double> shares) {
    Map<String, Double> percent = new TreeMap<>();
    shares.forEach((dataset, share) -> percent.put(dataset, 100 * share));
    return percent;
  }

  @Override
  public void close() {
    state.close();
  }
}
