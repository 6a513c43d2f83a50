package io.freshet.trainer.testing;

import ai.djl.ndarray.NDManager;
import io.freshet.trainer.evaluate.KnnEvaluation;
import io.freshet.trainer.evaluate.LabelledFeatures;
import io.freshet.trainer.masking.BlockMasking;
import io.freshet.trainer.step.ModelParts;
import io.freshet.trainer.step.MultiCrop;
import io.freshet.trainer.step.TrainerState;
import io.freshet.trainer.step.TrainingBatch;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.trainer.testing.PhotoSquares.Square;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import io.freshet.vision.transform.EvalTransform;
import io.freshet.vision.transform.MultiCropAugmentation;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** What a training on squares of photographs needs: its batches, and what it has learned. */
public final class PhotoTraining {
  /** Squares of one forward pass. */
  private static final int PER_CALL = 66;

  private final TorchScriptLibrary scripts;
  private final TrainingConfig config;
  private final MultiCropAugmentation augmentation;

  /**
   * @param scripts the trainer's; stays the caller's
   */
  public PhotoTraining(TorchScriptLibrary scripts, TrainingConfig config) {
    this.scripts = scripts;
    this.config = config;
    this.augmentation = new MultiCropAugmentation(config.multiCrop());
  }

  /** Crops of the squares and masks for them. */
  public TrainingBatch batch(List<Square> squares, SplittableRandom random) {
    List<MultiCrop> crops = new ArrayList<>();
    for (Square square : squares) {
      List<float[]> views = augmentation.crops(square.image(), random);
      crops.add(new MultiCrop(views.subList(0, 2), views.subList(2, views.size())));
    }
    BlockMasking blocks = new BlockMasking(config.globalGrid(), config.globalGrid());
    return TrainingBatch.collate(
        crops,
        config.crops().globalSize(),
        config.crops().localSize(),
        config.losses().ibot().masks().sample(blocks, 2 * squares.size(), random));
  }

  /** Top-1 of 10 neighbours, by the teacher's class tokens, 0 to 1. */
  public double top1(TrainerState state, List<Square> bank, List<Square> queries) {
    return new KnnEvaluation(10, 0.07)
        .score(features(state, bank), features(state, queries))
        .top1();
  }

  private LabelledFeatures features(TrainerState state, List<Square> squares) {
    int side = config.crops().globalSize();
    EvalTransform transform = EvalTransform.imageNet(side, side);
    VisionTransformerConfig model = config.backbone();
    ModelParts teacher = ModelParts.of(state.teacher());
    float[][] rows = new float[squares.size()][];
    for (int from = 0; from < rows.length; from += PER_CALL) {
      int count = Math.min(PER_CALL, rows.length - from);
      float[] pixels = new float[count * transform.length()];
      for (int i = 0; i < count; i++) {
        transform.apply(squares.get(from + i).image(), pixels, i * transform.length());
      }
      try (NDManager scope = scripts.runtime().newManager()) {
        float[] tokens =
            scripts
                .call(
                    scope,
                    GradMode.NO_GRAD,
                    "forward_features",
                    TorchValue.tensor(Tensors.of(scope, pixels, count, 3, side, side)),
                    TorchValue.tensor(Tensors.of(scope, new boolean[0], 0)),
                    TorchValue.dict(teacher.backbone()),
                    TorchValue.integer(model.heads()),
                    TorchValue.real(model.interpolateOffset()),
                    TorchValue.flag(model.interpolateAntialias()))
                .dict()
                .get("x_norm_clstoken")
                .toFloatArray();
        for (int i = 0; i < count; i++) {
          rows[from + i] = new float[model.embedDim()];
          System.arraycopy(tokens, i * model.embedDim(), rows[from + i], 0, model.embedDim());
        }
      }
    }
    return new LabelledFeatures(rows, squares.stream().mapToInt(Square::label).toArray());
  }
}
