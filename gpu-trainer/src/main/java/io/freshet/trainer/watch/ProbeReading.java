package io.freshet.trainer.watch;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the teacher makes of the probe.
 *
 * @param embeddingStd standard deviation over the probe of the L2-normalised class tokens, mean
 *     over the dimensions, times the square root of their number: 0 = all images in one place, 1 =
 *     spread over the sphere
 * @param rankMe effective number of dimensions that the class tokens use, 1 to the smaller of
 *     images and dimensions (RankMe, arXiv 2210.02885)
 * @param clsPatchCosine mean cosine between the class token and each patch token of its image; near
 *     1 = all tokens are alike
 * @param targetEntropy mean entropy of the images' targets, nats
 * @param meanTargetEntropy entropy of the mean target, nats; never below {@code targetEntropy}
 * @param prototypes the most likely prototype of each image
 * @param prototypeCount prototypes of the head
 */
public record ProbeReading(
    double embeddingStd,
    double rankMe,
    double clsPatchCosine,
    double targetEntropy,
    double meanTargetEntropy,
    List<Integer> prototypes,
    int prototypeCount) {

  public ProbeReading {
    prototypes = List.copyOf(prototypes);
    if (prototypes.isEmpty() || prototypeCount < 1) {
      throw new IllegalArgumentException(
          "a reading needs images and prototypes, got %d and %d"
              .formatted(prototypes.size(), prototypeCount));
    }
  }

  /** How many different prototypes the images could be nearest to. */
  int reachable() {
    return Math.min(prototypeCount, prototypes.size());
  }

  /**
   * Entropy of the mean target over that of as many prototypes as the images could be nearest to: 0
   * = one prototype for all, 1 = one for each.
   */
  double targetDiversity() {
    return Math.min(1, meanTargetEntropy / Math.log(reachable()));
  }

  /** The measures that the ledger takes as they are. */
  Map<String, Double> measures() {
    Map<String, Double> measures = new TreeMap<>();
    measures.put("embedding_std", embeddingStd);
    measures.put("rankme", rankMe);
    measures.put("cls_patch_cosine", clsPatchCosine);
    measures.put("probe_target_entropy", targetEntropy);
    measures.put("probe_mean_target_entropy", meanTargetEntropy);
    return measures;
  }
}
