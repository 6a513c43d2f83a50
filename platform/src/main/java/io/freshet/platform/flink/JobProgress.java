package io.freshet.platform.flink;

import java.util.Optional;
import org.apache.flink.api.common.JobStatus;

/**
 * How a job is doing.
 *
 * @param recordsIn records that its sources have read since the last (re)start
 * @param recordsOut records given to its sinks since the last (re)start, committed or not
 * @param pendingRecords records on the broker that its sources have not fetched yet
 * @param busiest share of time in which its busiest task works, 0..1
 * @param completedCheckpoints of this run
 * @param restarts after failures, of this run
 * @param lastFailure what the last of them said
 */
public record JobProgress(
    JobStatus state,
    long recordsIn,
    long recordsOut,
    long pendingRecords,
    double busiest,
    long completedCheckpoints,
    long restarts,
    Optional<String> lastFailure) {}
