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
 * Says when a run collapses: when its targets or its features stop telling images apart, whatever
 * the losses say. A state machine over the targets of the training steps and the readings of the
 * probe; while an alarm stands, nothing of this run may be released.
 *
 * <p>An alarm is raised when a symptom shows in {@value #RAISING} readings in a row and ends after
 * {@value #CLEARING} in a row on the good side of its other limit. Nothing is judged before the
 * features have told images apart once: a network with a LayerScale of 1e-5 does not do so for some
 * thousand steps and has nothing to lose until then.
 *
 * <p>The limits lie between what was measured in healthy and in collapsing runs of 200 steps on
 * squares of photographs (16 images a step, 64 prototypes, 64 probe images, KoLeo on). KoLeo keeps
 * the features spread whatever the targets do, so that these runs show in the targets first:
 *
 * <ul>
 *   <li>{@code target_information}: healthy 0.65 to 1.3 nats; constant images 0.03 after 80 steps,
 *       0.001 after 200; with the demo's slower teacher healthy 1.2, constant images 0.14 after 120
 *       steps, 0.06 after 200. It is judged once it was good, for Sinkhorn-Knopp over many more
 *       prototypes than samples makes every target nearly uniform
 *   <li>{@code target_diversity}: healthy 0.64 or more from step 20 on; without centering 0.25
 *       after 20 steps and 0.14 after 200; a teacher without momentum jumps between 0.004 and 0.6
 *   <li>{@code dead_prototypes}: healthy at most 0.89; without centering 0.95 to 0.97
 *   <li>{@code rankme}: healthy 0.75 of its best or more
 *   <li>{@code embedding_std}: healthy 0.54 to 0.94; {@code cls_patch_cosine}: healthy -0.1 to 0.4;
 *       {@code coincident_share}: healthy 0, constant images 0.2
 * </ul>
 *
 * <p>Owned by the training thread, but for {@link #alarm}, which any thread may ask.
 */
public final class CollapseWatch {
  private static final Logger LOG = LoggerFactory.getLogger(CollapseWatch.class);

  /** Readings over which a prototype counts as used. */
  private static final int WINDOW = 5;

  /** Weight of the newest step in the running means of the steps' measures. */
  private static final double SMOOTHING = 0.1;

  /** Readings in a row that raise an alarm. */
  private static final int RAISING = 2;

  /** Readings in a row that end one. */
  private static final int CLEARING = 5;

  private static final String SPREAD = "embedding_std";

  /** With this spread of their class tokens images are told apart. */
  private static final double AWAKE = 0.2;

  private static final List<Symptom> SYMPTOMS =
      List.of(
          Symptom.belowOnceGood(
              "target_information", 0.15, 0.3, "the targets don't depend on the image any more"),
          Symptom.below("target_diversity", 0.4, 0.5, "all images meet in few prototypes"),
          Symptom.above("dead_prototypes", 0.95, 0.9, "all images meet in few prototypes"),
          Symptom.below(SPREAD, 0.1, AWAKE, "all images have nearly the same class token"),
          Symptom.belowShareOfBest(
              "rankme", 0.4, 0.5, "the class tokens lie in few of the dimensions that they had"),
          Symptom.above("cls_patch_cosine", 0.98, 0.95, "the tokens of an image are all alike"),
          Symptom.above(
              "coincident_share", 0.5, 0.25, "the class tokens of different images coincide"));

  private final Probe probe;
  private final WatchConfig config;
  private final Map<String, Double> best;
  private final Map<String, String> standing;
  private final Map<String, Integer> bad = new HashMap<>();
  private final Map<String, Integer> good = new HashMap<>();
  private final Map<String, Double> running = new HashMap<>();
  private final ArrayDeque<Set<Integer>> used = new ArrayDeque<>();
  private boolean awake;
  private volatile Optional<String> alarm;

  /**
   * @param state of the run; its probe is {@code probe}
   */
  public CollapseWatch(WatchConfig config, Probe probe, WatchState state) {
    this.config = config;
    this.probe = probe;
    this.best = new TreeMap<>(state.best());
    this.standing = new TreeMap<>(state.standing());
    this.awake = best.getOrDefault(SPREAD, 0.0) >= AWAKE;
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
    measures.put("target_diversity", reading.targetDiversity());
    measures.putAll(running);
    awake |= reading.embeddingStd() >= AWAKE;
    for (Symptom symptom : SYMPTOMS) {
      Double value = measures.get(symptom.measure());
      if (value != null) {
        judge(step, symptom, value);
      }
    }
    alarm = text();
    measures.put("alarms", (double) standing.size());
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
    return 1 - Math.min(1, (double) alive.size() / reading.reachable());
  }

  private void judge(long step, Symptom symptom, double value) {
    String name = symptom.measure();
    double top = symptom.better(best.getOrDefault(name, value), value);
    best.put(name, top);
    int badInARow = count(bad, name, awake && symptom.bad(value, top));
    int goodInARow = count(good, name, symptom.good(value, top));
    if (badInARow >= RAISING && !standing.containsKey(name)) {
      standing.put(name, "step %d: %s".formatted(step, symptom.describe(value, top)));
      LOG.error("collapse at {}; nothing is released while this stands", standing.get(name));
    } else if (goodInARow >= CLEARING && standing.remove(name) != null) {
      LOG.info("step {}: {} is {}, its alarm is over", step, name, value);
    }
  }

  private static int count(Map<String, Integer> inARow, String name, boolean again) {
    return inARow.merge(name, again ? 1 : 0, (before, now) -> again ? before + 1 : 0);
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
