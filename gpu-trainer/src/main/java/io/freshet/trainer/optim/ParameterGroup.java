package io.freshet.trainer.optim;

import java.util.List;

/**
 * Parameters that are updated alike.
 *
 * @param role how the schedules' values apply to them
 * @param names checkpoint names
 */
public record ParameterGroup(ParameterRole role, List<String> names) {

  public ParameterGroup {
    names = List.copyOf(names);
  }
}
