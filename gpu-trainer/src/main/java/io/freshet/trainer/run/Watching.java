package io.freshet.trainer.run;

import io.freshet.schemas.BlobRef;
import io.freshet.trainer.data.BatchComposer;
import io.freshet.trainer.data.ImageLibrary;
import io.freshet.trainer.data.ReplayManifest;
import io.freshet.trainer.data.Sample;
import io.freshet.trainer.evaluate.EvaluationImage;
import io.freshet.trainer.evaluate.ModelMeasures;
import io.freshet.trainer.step.StepResult;
import io.freshet.trainer.step.TrainingBatch;
import io.freshet.trainer.watch.CollapseWatch;
import io.freshet.trainer.watch.Probe;
import io.freshet.trainer.watch.ProbeReading;
import io.freshet.trainer.watch.WatchState;
import io.freshet.vision.transform.EvalTransform;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the collapse watch of a run fed and its findings known. Owned by the training thread, but
 * for {@link #alarm}, which any thread may ask.
 */
final class Watching {
  private static final Logger LOG = LoggerFactory.getLogger(Watching.class);

  private final Supplier<CollapseWatch> begin;
  private final Learner learner;
  private final RunState run;
  private final StatusBoard board;
  private volatile CollapseWatch watch;

  /**
   * @param begin makes the watch; asked again as long as there are no images to watch
   */
  Watching(Supplier<CollapseWatch> begin, Learner learner, RunState run, StatusBoard board) {
    this.begin = begin;
    this.watch = begin.get();
    this.learner = learner;
    this.run = run;
    this.board = board;
    publish();
  }

  /**
   * The watch of a run: on the probe that its checkpoint names, or on a new one. That is taken from
   * the EVALUATION banks, or where there are none from the images that wait for training.
   */
  static CollapseWatch watch(
      TrainerSettings settings,
      RunState run,
      ModelMeasures measures,
      BatchComposer composer,
      ImageLibrary images) {
    EvalTransform transform = settings.evaluation().preprocessing().transform();
    WatchState state = run.watch();
    Optional<Probe> kept =
        state.probe().isEmpty()
            ? Optional.empty()
            : Probe.of(state.probe(), images::read, transform);
    if (kept.isPresent()) {
      return new CollapseWatch(settings.watch(), kept.orElseThrow(), state);
    }
    if (!state.probe().isEmpty()) {
      LOG.warn("the probe's images can't be read any more; the watch begins anew on others");
    }
    List<BlobRef> chosen =
        Probe.choose(candidates(measures, composer), settings.watch().probeImages());
    Probe probe =
        Probe.of(chosen, images::read, transform)
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "an image of the new probe was lost since it was loaded; start again"));
    return new CollapseWatch(settings.watch(), probe, WatchState.initial());
  }

  private static List<List<BlobRef>> candidates(ModelMeasures measures, BatchComposer composer) {
    if (measures.sets().isEmpty()) {
      ReplayManifest buffer = composer.state().buffer();
      Stream<Sample> older = buffer.balanced().stream().flatMap(b -> b.samples().stream());
      return List.of(Stream.concat(older, buffer.fresh().stream()).map(Sample::blob).toList());
    }
    return measures.sets().stream()
        .map(set -> set.bank().stream().map(EvaluationImage::blob).toList())
        .toList();
  }

  /** Takes a step in; what it returns belongs into the ledger's record of the step. */
  Map<String, Double> after(StepResult result, int images) {
    Map<String, Double> measures = new TreeMap<>(result.targets());
    if (!result.skipped()) {
      watch.stepped(result.targets(), TrainingBatch.GLOBAL_CROPS * images);
    }
    long step = result.step() + 1;
    if (watch.due(step) && watch.probe().images().isEmpty()) {
      // The buffer was still empty when the run began; by now it has been trained on.
      watch = begin.get();
    }
    if (watch.due(step) && !watch.probe().images().isEmpty()) {
      ProbeReading reading = learner.read(watch.probe(), result.settings().teacherTemperature());
      measures.putAll(watch.read(step, reading));
      publish();
    }
    return measures;
  }

  private void publish() {
    run.watch(watch.state());
    board.collapse(watch.alarm());
  }

  /** Why nothing may be released now; empty while the run is healthy. */
  Optional<String> alarm() {
    return watch.alarm();
  }
}
