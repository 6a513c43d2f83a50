package io.freshet.curator.window;

import io.freshet.curator.retrieval.Candidate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Takes choices in the order they come, first come first served: an image once, and no more for a
 * dataset or from a host than the plan allows. Owned by one thread; one window long.
 */
final class Budgets {
  private final CurationPlan plan;
  private final List<Choice> taken = new ArrayList<>();
  private final Set<String> images = new HashSet<>();
  private final Map<String, Integer> byDataset = new HashMap<>();
  private final Map<String, Integer> byHost = new HashMap<>();

  Budgets(CurationPlan plan) {
    this.plan = plan;
  }

  /** Takes the choice, unless its image is taken already or a budget is used up. */
  boolean take(Choice choice, Candidate image) {
    if (images.contains(choice.imageId())
        || byDataset.getOrDefault(choice.dataset(), 0) >= plan.budget(choice.dataset())
        || (!image.host().isEmpty() && byHost.getOrDefault(image.host(), 0) >= plan.hostBudget())) {
      return false;
    }
    images.add(choice.imageId());
    byDataset.merge(choice.dataset(), 1, Integer::sum);
    byHost.merge(image.host(), 1, Integer::sum);
    taken.add(choice);
    return true;
  }

  boolean isTaken(String imageId) {
    return images.contains(imageId);
  }

  List<Choice> taken() {
    return List.copyOf(taken);
  }
}
