package io.freshet.sink.tally;

import java.util.List;
import java.util.Map;

/**
 * Curves by columns of equal length.
 *
 * @param step the first step of each point
 * @param series values by name; null where nothing was measured
 */
public record CurveColumns(List<Long> step, Map<String, List<Double>> series) {}
