package io.freshet.deploy.bench;

import io.freshet.trainer.data.BatchComposer;
import io.freshet.trainer.data.CompositionState;
import io.freshet.trainer.data.ReplayConfig;
import io.freshet.trainer.evaluate.EvaluationConfig;
import io.freshet.trainer.evaluate.EvaluationImage;
import io.freshet.trainer.evaluate.EvaluationSet;
import io.freshet.trainer.evaluate.KnnEvaluation;
import io.freshet.trainer.evaluate.ModelMeasures;
import io.freshet.trainer.evaluate.SetFeatures;
import io.freshet.trainer.step.TrainingBatch;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Trains one recipe on streams whose classes arrive in turn or mixed, and reads after each phase
 * what is known of the classes of every phase. The trainer's own composer decides what each step
 * sees; another thread makes the batches, one ahead.
 *
 * <p>Measured is k-NN top-1 of the teacher's class tokens. The bank are the training images of all
 * classes at any time, those of later phases too: so every reading asks the same question, and what
 * moves between two of them is the features alone. A bank that grew with the phases would make the
 * question harder each time, which looks like forgetting and is none.
 */
final class ContinualTrial {
  private final TrainingConfig recipe;
  private final ReplayConfig replay;
  private final EvaluationConfig evaluation;
  private final QualityData data;
  private final int phases;
  private final long stepsOfPhase;
  private final TorchScriptLibrary scripts;
  private final PrintWriter out;

  /**
   * @param replay the buffer of the arm with replay
   * @param phases in which the classes arrive
   * @param stepsOfPhase training steps of each
   * @param scripts stays the caller's
   * @param out gets a line every few seconds
   */
  ContinualTrial(
      TrainingConfig recipe,
      ReplayConfig replay,
      EvaluationConfig evaluation,
      QualityData data,
      int phases,
      long stepsOfPhase,
      TorchScriptLibrary scripts,
      PrintWriter out) {
    this.recipe = recipe;
    this.replay = replay;
    this.evaluation = evaluation;
    this.data = data;
    this.phases = phases;
    this.stepsOfPhase = stepsOfPhase;
    this.scripts = scripts;
    this.out = out;
  }

  /** The accuracy on the classes of each phase before any training, in percent. */
  double[] untrained(long seed) {
    try (QualityRun run = new QualityRun(recipe, scripts, seed)) {
      return accuracies(run, split(seed));
    }
  }

  /** A training from new parameters through all phases. */
  AccuracyMatrix train(ContinualArm arm, long seed) {
    ClassPhases split = split(seed);
    ContinualStream stream = arm.stream(inTurn(split, seed), seed);
    BatchComposer composer =
        new BatchComposer(
            arm.replay(replay), seed, recipe.batchImages(), CompositionState.initial());
    CropFeed feed = new CropFeed(recipe, data.train(), seed);
    TrainingProgress progress =
        new TrainingProgress(
            out, "%s, seed %d".formatted(arm.key(), seed), stream.steps(), recipe.batchImages());
    List<double[]> readings = new ArrayList<>();
    ExecutorService maker = Executors.newSingleThreadExecutor();
    try (QualityRun run = new QualityRun(recipe, scripts, seed)) {
      CompletableFuture<TrainingBatch> ahead = made(stream, composer, feed, maker);
      while (run.step() < stream.steps()) {
        TrainingBatch batch = ahead.join();
        if (composer.nextStep() < stream.steps()) {
          ahead = made(stream, composer, feed, maker);
        }
        composer.trained(run.step());
        progress.stepped(run.train(batch));
        if (run.step() % stepsOfPhase == 0) {
          readings.add(accuracies(run, split));
        }
      }
    } finally {
      maker.shutdownNow();
    }
    return new AccuracyMatrix(readings.toArray(double[][]::new));
  }

  private ClassPhases split(long seed) {
    return ClassPhases.split(data.evaluation().classes().size(), phases, seed);
  }

  private ContinualStream inTurn(ClassPhases split, long seed) {
    List<Integer> labels = data.evaluation().bank().stream().map(EvaluationImage::label).toList();
    return ContinualStream.inTurn(
        split, labels, data.evaluation().classes(), stepsOfPhase, replay.minImages(), seed);
  }

  /** Lets arrive what is due, plans the next step and has its batch made. */
  private static CompletableFuture<TrainingBatch> made(
      ContinualStream stream, BatchComposer composer, CropFeed feed, ExecutorService maker) {
    composer.admit(stream.before(composer.nextStep()));
    var plan = composer.compose();
    List<Integer> places = plan.samples().stream().map(ContinualStream::place).toList();
    return CompletableFuture.supplyAsync(() -> feed.batch(plan.step(), places), maker);
  }

  private double[] accuracies(QualityRun run, ClassPhases split) {
    ModelMeasures measures = new ModelMeasures(List.of(data.evaluation()), evaluation);
    SetFeatures all = run.features(measures, evaluation).get(0);
    KnnEvaluation knn = new KnnEvaluation(evaluation.neighbours(), evaluation.temperature());
    return split.classes().stream()
        .mapToDouble(classes -> 100 * asking(all, classes).score(knn).top1())
        .toArray();
  }

  /** The same bank, asked for images of some classes alone. */
  private static SetFeatures asking(SetFeatures all, List<Integer> classes) {
    EvaluationSet set = all.set();
    List<EvaluationImage> images = new ArrayList<>();
    List<float[]> features = new ArrayList<>();
    for (int i = 0; i < set.queries().size(); i++) {
      if (classes.contains(set.queries().get(i).label())) {
        images.add(set.queries().get(i));
        features.add(all.queries()[i]);
      }
    }
    return new SetFeatures(
        new EvaluationSet(set.dataset(), set.classes(), set.bank(), images),
        all.bank(),
        features.toArray(float[][]::new));
  }
}
