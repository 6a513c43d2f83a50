package io.freshet.trainer.step;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What forward and backward of a step gave: numbers on the heap, tensors of the step's scope.
 *
 * @param losses as {@link StepResult} has them
 * @param norms L2 norm of the gradients by module
 * @param targets as {@link StepResult} has them
 * @param gradients before clipping, in the order of the optimizer's groups
 * @param centers what the centres of the state's targets become; none where they are not the
 *     state's own
 */
public record StepOutcome(
    Map<String, Double> losses,
    Map<String, Double> norms,
    Map<String, Double> targets,
    List<NDArray> gradients,
    List<NDArray> centers) {

  private static final List<String> LOSSES = List.of("dino_local", "dino_global", "koleo", "ibot");
  private static final List<String> TARGETS =
      List.of("target_entropy", "mean_target_entropy", "koleo_coincidences");

  /**
   * @param report {@code losses} (4) and the numbers about the targets, as the scripts report them
   */
  public static StepOutcome of(
      Map<String, NDArray> report,
      Map<String, Double> norms,
      List<NDArray> gradients,
      List<NDArray> centers) {
    Map<String, Double> targets = new LinkedHashMap<>();
    TARGETS.forEach(name -> targets.put(name, (double) report.get(name).getFloat()));
    return new StepOutcome(
        losses(report.get("losses").toFloatArray()), norms, targets, gradients, centers);
  }

  private static Map<String, Double> losses(float[] terms) {
    Map<String, Double> losses = new LinkedHashMap<>();
    double total = 0;
    for (int i = 0; i < terms.length; i++) {
      losses.put(LOSSES.get(i), (double) terms[i]);
      total += terms[i];
    }
    losses.put("total", total);
    return losses;
  }

  /** Whether the state may be moved by it. */
  public boolean isFinite() {
    return Double.isFinite(losses.get("total"))
        && norms.values().stream().allMatch(Double::isFinite);
  }

  /** The gradients by parameter. */
  Map<String, float[]> gradients(List<String> names) {
    Map<String, float[]> byName = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      byName.put(names.get(i), gradients.get(i).toFloatArray());
    }
    return byName;
  }
}
