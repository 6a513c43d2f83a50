package io.freshet.trainer.run;

import io.freshet.trainer.checkpoint.Checkpoint;
import io.freshet.trainer.checkpoint.TrainerPosition;
import io.freshet.trainer.data.CompositionState;
import io.freshet.trainer.step.StepSnapshot;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What makes a run the same run after a restart, beside its tensors. Owned by the training thread.
 */
final class RunState {
  private static final String SKIPPED = "skipped_steps";
  private static final String CURATION_MODEL = "curation_model";
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final String runId;
  private final long seed;
  private final CompositionState composition;
  private final Optional<StepSnapshot> snapshot;
  private final LossMeter losses;
  private final Optional<Origin> origin;
  private final Map<String, Double> baselines = new TreeMap<>();
  private String curationModel;
  private long skipped;

  private RunState(TrainerPosition position, Optional<StepSnapshot> snapshot) {
    this.runId = position.runId();
    this.seed = position.seed();
    this.composition = position.composition();
    this.snapshot = snapshot;
    this.origin = Origin.of(position.notes());
    this.losses = new LossMeter(position.counters());
    this.skipped = position.counters().getOrDefault(SKIPPED, 0.0).longValue();
    this.curationModel = position.notes().getOrDefault(CURATION_MODEL, "");
    position
        .counters()
        .forEach(
            (name, value) -> {
              if (name.indexOf('/') >= 0) {
                baselines.put(name, value);
              }
            });
  }

  /** The run that a checkpoint holds, or a new one. */
  static RunState of(Optional<Checkpoint> checkpoint, long seed, Clock clock) {
    return checkpoint
        .map(RunState::resumed)
        .orElseGet(() -> new RunState(begin(seed, clock, Map.of()), Optional.empty()));
  }

  /** A new run that goes on from a released state. */
  static RunState from(Origin origin, StepSnapshot start, long seed, Clock clock) {
    return new RunState(begin(seed, clock, origin.notes()), Optional.of(start));
  }

  private static RunState resumed(Checkpoint checkpoint) {
    TrainerPosition position = checkpoint.position();
    return new RunState(
        position,
        Optional.of(
            new StepSnapshot(position.step(), position.imagesSeen(), checkpoint.tensors())));
  }

  private static TrainerPosition begin(long seed, Clock clock, Map<String, String> notes) {
    String id =
        "run-" + STAMP.format(clock.instant()) + "-" + UUID.randomUUID().toString().substring(0, 8);
    return new TrainerPosition(id, seed, 0, 0, CompositionState.initial(), Map.of(), notes);
  }

  String runId() {
    return runId;
  }

  long seed() {
    return seed;
  }

  /** Where the plans go on from. */
  CompositionState composition() {
    return composition;
  }

  /** The tensors to go on from; empty for a new run. */
  Optional<StepSnapshot> snapshot() {
    return snapshot;
  }

  /** The release that the run went on from; empty when it began anew. */
  Optional<Origin> origin() {
    return origin;
  }

  LossMeter losses() {
    return losses;
  }

  /** What the model is held against, by the names of {@code Metrics}. */
  Map<String, Double> baselines() {
    return Map.copyOf(baselines);
  }

  /** Replaces all measures whose name starts as these do. */
  void measured(String prefix, Map<String, Double> metrics) {
    baselines.keySet().removeIf(name -> name.startsWith(prefix));
    baselines.putAll(metrics);
  }

  /** The model whose measures as curation model are among the baselines; empty when none is. */
  String curationModel() {
    return curationModel;
  }

  void curationModel(String name) {
    curationModel = name;
  }

  void skippedStep() {
    skipped++;
  }

  long skipped() {
    return skipped;
  }

  /** A checkpoint of this run. */
  Checkpoint checkpoint(StepSnapshot now, CompositionState planned) {
    Map<String, Double> counters = new TreeMap<>(baselines);
    counters.putAll(losses.counters());
    counters.put(SKIPPED, (double) skipped);
    return new Checkpoint(
        new TrainerPosition(
            runId,
            seed,
            now.step(),
            now.imagesSeen(),
            planned,
            counters,
            origin.map(Origin::notes).orElse(Map.of())),
        now.tensors());
  }
}
