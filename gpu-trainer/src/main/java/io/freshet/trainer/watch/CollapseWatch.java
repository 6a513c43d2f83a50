package io.freshet.trainer.watch;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says when a run collapses: when its features stop telling images apart, whatever the losses say.
 * A state machine over the targets of the training steps and the readings of the probe; while an
 * alarm stands, nothing of this run may be released.
 *
 * <p>The limits are measured on photographs...
 *
 * <p>Owned by the training thread, but for {@link #alarm}, which any thread may ask.
 */
public final class CollapseWatch {
  private static final Logger LOG = LoggerFactory.getLogger(CollapseWatch.class);

  /** Readings over which a prototype counts as used. */
  private static final int WINDOW = 5;

  /** Weight of the newest step in the running means of the steps' measures. */
  private static final double SMOOTHING = 0.1;

  private static final List<Symptom> SYMPTOMS =
      List.of(
          Symptom.below(
              "target_information", 0.02, 0.04, "the targets don't depend on the image any more"),
          Symptom.above(
              "coincident_share", 0.5, 0.25, "the class tokens of different images coincide"),
          Symptom.below("embedding_std", 0.1, 0.15, "all images have nearly the same class token"),
          Symptom.belowShareOfBest(
              "rankme", 0.4, 0.5, "the class tokens lie in few of the dimensions they had"),
          Symptom.above("cls_patch_cosine", 0.98, 0.95, "the tokens of an image are all alike"),
          Symptom.above("dead_prototypes", 0.97, 0.9, "nearly all images meet in one prototype"));

  private final Probe probe;
  private final WatchConfig config;
  private final Map<String, Double> best;
  private final Map<String, String> standing;
  private final Map<String, Integer> bad = new HashMap<>();
  private final Map<String, Integer> good = new HashMap<>();
  private final Map<String, Double> running = new HashMap<>();
  private final ArrayDeque<Set<Integer>> used = new ArrayDeque<>();
  private volatile Optional<String> alarm;

  /**
   * @param state of the run; its probe is {@code probe}
   */
  public CollapseWatch(WatchConfig config, Probe probe, WatchState state) {
    this.config = config;
    this.probe = probe;
    this.best = new TreeMap<>(state.best());
    this.standing = new TreeMap<>(state.standing());
    this.alarm = text();
  }

  public Probe probe() {
    return probe;
  }

  /** Whether the probe is to be read after {@code step} steps. */
  public boolean due(long step) {
    return step % config.everySteps() == 0;
  }

  /**
   * Takes in an applied training step.
   *
   * @param targets as {@code StepResult} has them
   * @param features class tokens of global crops that could coincide
   */
  public void stepped(Map<String, Double> targets, int features) {
    double information = targets.get("mean_target_entropy") - targets.get("target_entropy");
    mean("target_information", information);
    mean("coincident_share", targets.get("koleo_coincidences") / features);
  }

  private void mean(String measure, double value) {
    running.merge(measure, value, (old, now) -> old + SMOOTHING * (now - old));
  }

  /** Takes in a reading of the probe and judges; returns the measures for the ledger. */
  public Map<String, Double> read(long step, ProbeReading reading) {
    Map<String, Double> measures = new TreeMap<>(reading.measures());
    measures.put("dead_prototypes", deadPrototypes(reading));
    measures.putAll(running);
    for (Symptom symptom : SYMPTOMS) {
      Double value = measures.get(symptom.measure());
      if (value != null) {
        judge(step, symptom, value);
      }
    }
    alarm = text();
    measures.put("alarm", alarm.isPresent() ? 1.0 : 0.0);
    return measures;
  }

  /**
   * The share of the prototypes that no probe image was nearest to in the last readings, of as many
   * as its images could have reached.
   */
  private double deadPrototypes(ProbeReading reading) {
    used.addLast(new HashSet<>(reading.prototypes()));
    if (used.size() > WINDOW) {
      used.removeFirst();
    }
    Set<Integer> alive = new HashSet<>();
    used.forEach(alive::addAll);
    int reachable = Math.min(reading.prototypeCount(), reading.prototypes().size());
    return 1 - Math.min(1, (double) alive.size() / reachable);
  }

  private void judge(long step, Symptom symptom, double value) {
    String name = symptom.measure();
    double top = best.getOrDefault(name, value);
    if (symptom.relative() && standing.isEmpty()) {
      top = Math.max(top, value);
      best.put(name, top);
    }
    int badInARow = symptom.bad(value, top) ? bad.merge(name, 1, Integer::sum) : reset(bad, name);
    int goodInARow =
        symptom.good(value, top) ? good.merge(name, 1, Integer::sum) : reset(good, name);
    if (badInARow >= Symptom.READINGS && !standing.containsKey(name)) {
      standing.put(name, "step %d: %s".formatted(step, symptom.describe(value, top)));
      LOG.error("collapse at {}; nothing is released until it is gone", standing.get(name));
    } else if (goodInARow >= Symptom.READINGS && standing.remove(name) != null) {
      LOG.info("step {}: {} is {} again, its alarm is over", step, name, value);
    }
  }

  private static int reset(Map<String, Integer> counts, String name) {
    counts.put(name, 0);
    return 0;
  }

  private Optional<String> text() {
    return standing.isEmpty()
        ? Optional.empty()
        : Optional.of(String.join("; ", standing.values()));
  }

  /** Why nothing may be released now; empty while the run is healthy. */
  public Optional<String> alarm() {
    return alarm;
  }

  /** For the next checkpoint. */
  public WatchState state() {
    return new WatchState(probe.images(), best, standing);
  }
}
