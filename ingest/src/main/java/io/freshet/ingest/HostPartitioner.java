package io.freshet.ingest;

import org.apache.flink.api.common.functions.Partitioner;

/** Sends all requests to one host to one subtask. */
final class HostPartitioner implements Partitioner<String> {
  private static final long serialVersionUID = 1L;

  @Override
  public int partition(String host, int subtasks) {
    return Math.floorMod((host.hashCode() * 0x9E3779B9) >>> 7, subtasks);
  }
}
