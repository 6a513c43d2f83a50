package io.freshet.trainer.release;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Decides from measured numbers alone what a release becomes. Immutable. */
public final class PromotionGate {
  private static final String ALARMS = Metrics.GATE + "alarms";
  private static final String BOUND = Metrics.GATE + "bound/";
  private static final String CHAMPION_VERSION = Metrics.GATE + "champion_version";
  private static final String PROMOTED = Metrics.GATE + "promoted";

  private final List<MetricBound> bounds;

  public PromotionGate(MetricBounds bounds) {
    this.bounds = bounds.all();
  }

  /** A decision and why. */
  public record Decision(boolean promoted, String reason) {}

  /**
   * The release that a new one is held against.
   *
   * @param id such as {@code freshet@12}
   * @param version its number
   * @param metrics of its manifest
   */
  public record Champion(String id, int version, Map<String, Double> metrics) {
    public Champion {
      metrics = Map.copyOf(metrics);
    }
  }

  /** A metric that both are held to, and the champion's value. */
  private record Held(MetricBound bound, String name, double champions) {
    String set() {
      return name.substring(bound.prefix().length());
    }
  }

  /**
   * Whether a release may become champion: no alarm stands, and on no set that the champion was
   * measured on is any number worse than the champion's by more than its bound, or missing. The
   * first release always may, unless an alarm stands.
   *
   * <p>A set that is not registered any more was given up on purpose and doesn't count, nor does
   * one that the champion was not measured on. But as long as the champion was measured on
   * anything, a release that has no number in common with it is refused: that is what a start
   * without EVALUATION seeds looks like.
   *
   * @param metrics of the release
   * @param registered the EVALUATION sets that are registered, whether or not they could be
   *     measured
   * @param alarm why nothing of the run may be released now
   */
  public Judgement champion(
      Map<String, Double> metrics,
      Set<String> registered,
      Optional<Champion> champion,
      Optional<String> alarm) {
    Decision decision =
        alarm
            .map(standing -> new Decision(false, "an alarm stands: " + standing))
            .orElseGet(
                () ->
                    champion
                        .map(reigning -> against(reigning, metrics, registered))
                        .orElseGet(() -> new Decision(true, "there was no champion")));
    return new Judgement(
        decision.promoted(), decision.reason(), evidence(decision, champion, alarm));
  }

  private Decision against(Champion champion, Map<String, Double> metrics, Set<String> registered) {
    List<Held> all = held(champion.metrics());
    int compared = 0;
    for (Held held : all) {
      Double mine = metrics.get(held.name());
      if (mine != null) {
        compared++;
        if (!held.bound().tolerates(mine, held.champions())) {
          return new Decision(
              false,
              "%s is %.4f, that of %s %.4f, tolerated is %.4f"
                  .formatted(
                      held.name(),
                      mine,
                      champion.id(),
                      held.champions(),
                      held.bound().limit(held.champions())));
        }
      } else if (registered.contains(held.set())) {
        return new Decision(
            false,
            "not measured on %s, where %s has %s %.4f; measure it, or set trainer.release.bounds.%s to null"
                .formatted(
                    held.set(),
                    champion.id(),
                    held.bound().key(),
                    held.champions(),
                    held.bound().key()));
      }
    }
    if (compared == 0 && !all.isEmpty()) {
      return new Decision(
          false,
          "not measured on any of %s, which %s was measured on; register one again, or promote by hand"
              .formatted(all.stream().map(Held::set).distinct().toList(), champion.id()));
    }
    return new Decision(
        true, "no number is worse than that of " + champion.id() + " beyond its bound");
  }

  /** Those of a champion's numbers that have a bound, in the order of their names. */
  private List<Held> held(Map<String, Double> championMetrics) {
    List<Held> held = new ArrayList<>();
    new TreeMap<>(championMetrics)
        .forEach(
            (name, value) ->
                bounds.stream()
                    .filter(bound -> name.startsWith(bound.prefix()))
                    .forEach(bound -> held.add(new Held(bound, name, value))));
    return held;
  }

  private Map<String, Double> evidence(
      Decision decision, Optional<Champion> champion, Optional<String> alarm) {
    Map<String, Double> evidence = new TreeMap<>();
    champion.ifPresent(
        reigning ->
            held(reigning.metrics())
                .forEach(held -> evidence.put(Metrics.CHAMPION + held.name(), held.champions())));
    bounds.forEach(bound -> evidence.put(BOUND + bound.key(), bound.tolerated()));
    evidence.put(CHAMPION_VERSION, champion.map(c -> (double) c.version()).orElse(0.0));
    evidence.put(ALARMS, alarm.isPresent() ? 1.0 : 0.0);
    evidence.put(PROMOTED, decision.promoted() ? 1.0 : 0.0);
    return evidence;
  }

  /**
   * Whether the gate promoted the release of these metrics; false too when it never judged it.
   *
   * @param metrics of a manifest
   */
  static boolean promoted(Map<String, Double> metrics) {
    return metrics.getOrDefault(PROMOTED, 0.0) == 1.0;
  }

  /**
   * Whether the release of these metrics was held against this champion, or against none if there
   * is none.
   *
   * @param metrics of a manifest
   */
  static boolean wasHeldAgainst(Map<String, Double> metrics, Optional<Champion> champion) {
    double version = metrics.getOrDefault(CHAMPION_VERSION, -1.0);
    return version == champion.map(c -> (double) c.version()).orElse(0.0)
        && Metrics.under(Metrics.CHAMPION, metrics).entrySet().stream()
            .allMatch(
                held ->
                    held.getValue()
                        .equals(champion.map(c -> c.metrics().get(held.getKey())).orElse(null)));
  }

  /** Whether a release may curate: it is better than the curation model on every set. */
  public Decision curation(Map<String, Double> metrics) {
    Map<String, Double> ours = Metrics.under(Metrics.COMPARED_TOP1, metrics);
    Map<String, Double> theirs = Metrics.under(Metrics.CURATION_TOP1, metrics);
    if (ours.isEmpty() || !ours.keySet().equals(theirs.keySet())) {
      return new Decision(false, "not measured against the curation model on every set");
    }
    for (Map.Entry<String, Double> set : theirs.entrySet()) {
      double mine = ours.get(set.getKey());
      if (!(mine > set.getValue())) {
        return new Decision(
            false,
            "k-NN on %s is %.4f, the curation model's %.4f"
                .formatted(set.getKey(), mine, set.getValue()));
      }
    }
    return new Decision(true, "better than the curation model on every set");
  }
}
