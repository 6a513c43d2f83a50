package io.freshet.platform.flink;

/**
 * The value of one metric at one moment.
 *
 * @param jobId the run it belongs to, hexadecimal; empty for the cluster's own
 * @param operator operator or task name; empty for a job's own
 * @param subtask index, -1 where there is none
 * @param name Flink's or the stage's name of the metric
 */
public record MetricSample(String jobId, String operator, int subtask, String name, double value) {}
