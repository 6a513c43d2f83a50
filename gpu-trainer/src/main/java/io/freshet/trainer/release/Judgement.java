package io.freshet.trainer.release;

import java.util.Map;

/**
 * What the gate made of a release at one moment. It is made once, before the release is published,
 * and its evidence is in the manifest; what becomes of alias {@code champion} follows that.
 *
 * @param promoted whether the release may become champion
 * @param reason for people
 * @param evidence what the decision rests on, as numbers for the manifest: what the release was
 *     held against under {@link Metrics#CHAMPION}; bounds, alarms, the champion's version (0: there
 *     was none) and the decision under {@link Metrics#GATE}
 */
public record Judgement(boolean promoted, String reason, Map<String, Double> evidence) {
  public Judgement {
    evidence = Map.copyOf(evidence);
  }
}
