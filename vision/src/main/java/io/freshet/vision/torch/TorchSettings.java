package io.freshet.vision.torch;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How the native runtime starts. It starts once a JVM; the settings of the first start stay in
 * force.
 *
 * @param cacheDir where native libraries are unpacked (about 450 MB); empty = {@code ~/.djl.ai}
 * @param threads intra-op threads of one call, at least 1; together with decoding threads no more
 *     than the cores, or all collapse
 * @param interopThreads inter-op threads, at least 1
 * @param shutdownGrace how long the JVM's end waits for native work
 */
public record TorchSettings(
    Optional<Path> cacheDir, int threads, int interopThreads, Duration shutdownGrace) {

  public TorchSettings {
    requireThreads("threads", threads);
    requireThreads("interopThreads", interopThreads);
    if (shutdownGrace.isNegative() || shutdownGrace.isZero()) {
      throw new IllegalArgumentException("shutdownGrace must be positive, was " + shutdownGrace);
    }
  }

  /**
   * All cores for one call, one inter-op thread, 30 s of grace; {@code
   * -Dai.djl.pytorch.num_threads} overrides the threads.
   */
  public static TorchSettings defaults() {
    int threads =
        Integer.getInteger(
            "ai.djl.pytorch.num_threads", Runtime.getRuntime().availableProcessors());
    return new TorchSettings(Optional.empty(), threads, 1, Duration.ofSeconds(30));
  }

  public TorchSettings withThreads(int newThreads) {
    return new TorchSettings(cacheDir, newThreads, interopThreads, shutdownGrace);
  }

  public TorchSettings withCacheDir(Path newCacheDir) {
    return new TorchSettings(Optional.of(newCacheDir), threads, interopThreads, shutdownGrace);
  }

  private static void requireThreads(String name, int value) {
    if (value < 1 || value > 1024) {
      throw new IllegalArgumentException(name + " must be in 1..1024, was " + value);
    }
  }
}
