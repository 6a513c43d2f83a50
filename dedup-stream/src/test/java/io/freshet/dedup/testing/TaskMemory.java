package io.freshet.dedup.testing;

import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;

/** A task for operator harnesses with the state memory of a slot in the default configuration. */
public final class TaskMemory {
  /** 256 MiB over 8 slots. */
  private static final long SLOT_BYTES = 32L << 20;

  private TaskMemory() {}

  public static MockEnvironment slot() {
    return new MockEnvironmentBuilder()
        .setManagedMemorySize(SLOT_BYTES)
        .setMaxParallelism(1)
        .setParallelism(1)
        .setSubtaskIndex(0)
        .build();
  }
}
