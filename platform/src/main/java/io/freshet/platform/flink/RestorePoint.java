package io.freshet.platform.flink;

import java.nio.file.Path;
import java.time.Instant;

/**
 * A complete checkpoint or savepoint that a job can resume from.
 *
 * @param directory holds {@code _metadata}
 * @param checkpointId counts up over the life of the job
 * @param completedAt when its metadata was written
 * @param committed whether all output that it covers is known to be committed
 */
record RestorePoint(Path directory, long checkpointId, Instant completedAt, boolean committed) {}
