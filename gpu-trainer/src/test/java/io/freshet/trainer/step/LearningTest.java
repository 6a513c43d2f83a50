package io.freshet.trainer.step;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import io.freshet.trainer.evaluate.KnnEvaluation;
import io.freshet.trainer.evaluate.LabelledFeatures;
import io.freshet.trainer.masking.BlockMasking;
import io.freshet.trainer.schedule.TrainingSchedules;
import io.freshet.trainer.testing.PhotoSquares;
import io.freshet.trainer.testing.PhotoSquares.Square;
import io.freshet.trainer.testing.Recipes;
import io.freshet.trainer.torch.TrainerScripts;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import io.freshet.vision.transform.EvalTransform;
import io.freshet.vision.transform.MultiCropAugmentation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * That the method learns: with the demo's recipe, the features of photographs that it never saw
 * become better. -Dseed and -Dsteps try others.
 */
@Tag("slow")
class LearningTest {

  private static final long SEED = Long.getLong("seed", 11);
  private static final int STEPS = Integer.getInteger("steps", 150);
  private static final int REPORT_EVERY = 25;

  private final TorchScriptLibrary scripts = TrainerScripts.load(TorchRuntime.start());
  private final TrainingConfig config = Recipes.demo();

  @Test
  void neighboursOfUnseenPhotographsImproveWithinAFewThousandImages() throws Exception {
    List<Square> train = PhotoSquares.read("train");
    List<Square> eval = PhotoSquares.read("eval");
    TrainingSchedules schedules = TrainingSchedules.of(config.schedule(), config.batchImages());
    MultiCropAugmentation augmentation = new MultiCropAugmentation(config.multiCrop());
    try (TrainerState state = TrainerState.begin(scripts.runtime().newManager(), config, SEED)) {
      TrainingStep step = new TrainingStep(config, scripts, state);
      double untrained = knn(state, train, eval);
      print("seed %d, step 0: k-NN %.1f %%", SEED, 100 * untrained);
      Random order = new Random(SEED);
      List<Square> queue = new ArrayList<>();
      long computing = 0;
      long cutting = 0;
      for (int i = 0; i < STEPS; i++) {
        if (queue.size() < config.batchImages()) {
          List<Square> epoch = new ArrayList<>(train);
          Collections.shuffle(epoch, order);
          queue.addAll(epoch);
        }
        long start = System.nanoTime();
        SplittableRandom random = new SplittableRandom(SEED * 1_000_003 + i);
        TrainingBatch batch = batch(queue.subList(0, config.batchImages()), augmentation, random);
        queue.subList(0, config.batchImages()).clear();
        long cut = System.nanoTime();
        StepResult result = step.run(batch, schedules.at(state.step()), random);
        cutting += cut - start;
        computing += System.nanoTime() - cut;
        if ((i + 1) % REPORT_EVERY == 0) {
          print(
              "step %d, %d images: losses %s, target entropies %s, k-NN %.1f %%, %.0f ms a step, %.0f ms augmentation",
              i + 1,
              result.imagesSeen(),
              result.losses(),
              result.targets(),
              100 * knn(state, train, eval),
              computing / 1e6 / REPORT_EVERY,
              cutting / 1e6 / REPORT_EVERY);
          computing = 0;
          cutting = 0;
        }
      }
      double trained = knn(state, train, eval);
      assertTrue(
          trained >= untrained + 0.05 && trained >= 0.47,
          "k-NN went from %.3f to %.3f in %d steps".formatted(untrained, trained, STEPS));
    }
  }

  private TrainingBatch batch(
      List<Square> squares, MultiCropAugmentation augmentation, SplittableRandom random) {
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

  /** Top-1 of 10 neighbours, by the teacher's class tokens. */
  private double knn(TrainerState state, List<Square> bank, List<Square> queries) {
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
    int perCall = 66;
    for (int from = 0; from < rows.length; from += perCall) {
      int count = Math.min(perCall, rows.length - from);
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

  private static void print(String format, Object... arguments) {
    System.out.println(">>> " + String.format(Locale.ROOT, format, arguments));
  }
}
