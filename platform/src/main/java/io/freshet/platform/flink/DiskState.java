package io.freshet.platform.flink;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.state.rocksdb.RocksDBConfigurableOptions;
import org.apache.flink.state.rocksdb.RocksDBOptions;

/** State in RocksDB, for tables that are far larger than memory and read by key. */
public final class DiskState {
  private DiskState() {}

  /**
   * How it is read wherever it is used. Bloom filters spare the reads of files that don't hold a
   * key, which are most while a table grows fast. Indexes and filters lie in blocks of their own
   * size: in one piece they take a megabyte a file, and a cache that can't hold them reads one for
   * each key.
   */
  static void tune(Configuration c) {
    c.set(RocksDBConfigurableOptions.USE_BLOOM_FILTER, true);
    c.set(RocksDBConfigurableOptions.BLOOM_FILTER_BLOCK_BASED_MODE, false);
    c.set(RocksDBOptions.USE_PARTITIONED_INDEX_FILTERS, true);
  }

  /** Makes it the job's state backend. */
  public static void use(Configuration c) {
    c.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
    tune(c);
  }
}
