package io.freshet.trainer.optim;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The trainable parameters in the order in which the optimizer takes them: those of one role lie
 * together, roles and names in the order of the model. Immutable.
 */
public final class ParameterGroups {

  private final List<ParameterGroup> groups;
  private final List<String> names;

  private ParameterGroups(List<ParameterGroup> groups) {
    this.groups = groups;
    this.names = groups.stream().flatMap(group -> group.names().stream()).toList();
  }

  /**
   * @param names checkpoint names, each in a module backbone, dino_head or ibot_head
   * @param depth blocks of the backbone
   */
  public static ParameterGroups of(Collection<String> names, int depth, OptimizerConfig config) {
    Map<ParameterRole, List<String>> byRole = new LinkedHashMap<>();
    for (String name : names) {
      byRole
          .computeIfAbsent(ParameterRole.of(name, depth, config), role -> new ArrayList<>())
          .add(name);
    }
    return new ParameterGroups(
        byRole.entrySet().stream()
            .map(entry -> new ParameterGroup(entry.getKey(), entry.getValue()))
            .toList());
  }

  /** The groups in optimizer order. */
  public List<ParameterGroup> groups() {
    return groups;
  }

  /** All parameters in optimizer order. */
  public List<String> names() {
    return names;
  }

  /**
   * The gradient norm of each module, which is what clipping looks at.
   *
   * @param ofParameters norm of each parameter's gradient, in the order of {@link #names}
   */
  public Map<String, Double> moduleNorms(float[] ofParameters) {
    if (ofParameters.length != names.size()) {
      throw new IllegalArgumentException(
          ofParameters.length + " norms do not match " + names.size() + " parameters");
    }
    Map<String, Double> squares = new LinkedHashMap<>();
    int at = 0;
    for (ParameterGroup group : groups) {
      for (int i = 0; i < group.names().size(); i++) {
        double norm = ofParameters[at++];
        squares.merge(group.role().module(), norm * norm, Double::sum);
      }
    }
    squares.replaceAll((module, sum) -> Math.sqrt(sum));
    return squares;
  }
}
