package io.freshet.trainer.step;

import io.freshet.trainer.schedule.StepSettings;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one training step did.
 *
 * <p>The losses are what was optimised: each includes its weight and they add up to {@code total},
 * whose gradient was taken. (The original's log shows half of its KoLeo and iBOT terms.)
 *
 * @param step the step that was run, from 0
 * @param imagesSeen images of all applied steps, this one included
 * @param losses dino_local, dino_global, koleo, ibot, total
 * @param gradientNorms L2 norm before clipping, by module: backbone, dino_head, ibot_head
 * @param targets how varied the teacher's class targets are, in nats: {@code target_entropy}, the
 *     mean entropy of a target, and {@code mean_target_entropy}, the entropy of the mean target
 *     (near 0 = all images meet in few prototypes; near ln K = all prototypes are used), and {@code
 *     koleo_coincidences}, how many of the student's features of global crops lie where another one
 *     of the same crop lies
 * @param settings what the step was run with
 * @param skipped true when a pixel, loss or gradient was not finite and nothing was updated
 */
public record StepResult(
    long step,
    long imagesSeen,
    Map<String, Double> losses,
    Map<String, Double> gradientNorms,
    Map<String, Double> targets,
    StepSettings settings,
    boolean skipped) {

  public StepResult {
    losses = Collections.unmodifiableMap(new LinkedHashMap<>(losses));
    gradientNorms = Collections.unmodifiableMap(new LinkedHashMap<>(gradientNorms));
    targets = Collections.unmodifiableMap(new LinkedHashMap<>(targets));
  }

  /** The loss that was back-propagated. */
  public double totalLoss() {
    return losses.get("total");
  }
}
