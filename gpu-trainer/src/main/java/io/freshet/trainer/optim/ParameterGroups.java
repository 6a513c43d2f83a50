package io.freshet.trainer.optim;

import io.freshet.trainer.schedule.StepSettings;
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

  private final Map<ParameterRole, List<String>> groups;
  private final List<String> names;

  private ParameterGroups(Map<ParameterRole, List<String>> groups) {
    this.groups = groups;
    List<String> all = new ArrayList<>();
    groups.values().forEach(all::addAll);
    this.names = List.copyOf(all);
  }

  public static ParameterGroups of(Collection<String> names, int depth, OptimizerConfig config) {
    Map<ParameterRole, List<String>> groups = new LinkedHashMap<>();
    for (String name : names) {
      groups
          .computeIfAbsent(ParameterRole.of(name, depth, config), role -> new ArrayList<>())
          .add(name);
    }
    return new ParameterGroups(groups);
  }

  /** All parameters in optimizer order. */
  public List<String> names() {
    return names;
  }

  public int count() {
    return groups.size();
  }

  /** The modules (backbone, dino_head, ...) that hold parameters, in order of appearance. */
  public List<String> modules() {
    return groups.keySet().stream().map(ParameterRole::module).distinct().toList();
  }

  /** The positions in {@link #names()} of a module's parameters. */
  public int[] positions(String module) {
    List<Integer> positions = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).startsWith(module + ".")) {
        positions.add(i);
      }
    }
    return positions.stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * One row a group: number of parameters, learning rate, weight decay, factor on the gradients.
   *
   * @param clip the factor of each module
   */
  public double[] table(StepSettings settings, Map<String, Double> clip) {
    double[] table = new double[groups.size() * 4];
    int at = 0;
    for (Map.Entry<ParameterRole, List<String>> group : groups.entrySet()) {
      ParameterRole role = group.getKey();
      table[at++] = group.getValue().size();
      table[at++] = role.learningRate(settings);
      table[at++] = role.weightDecay(settings);
      table[at++] = clip.get(role.module());
    }
    return table;
  }
}
