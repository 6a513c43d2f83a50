package io.freshet.dedup.component;

import java.util.Optional;

/**
 * Names benchmark images apart from crawled ones, which may have the same pixels and so the same
 * image_id: {@code benchmark:IMAGE_ID:DATASET}. Names that earlier versions left in the state have
 * no dataset.
 */
public final class Benchmark {
  private static final String PREFIX = "benchmark:";
  private static final char SEPARATOR = ':';

  private Benchmark() {}

  /** What tables and components call the benchmark image. */
  public static String name(String imageId, String dataset) {
    return PREFIX + imageId + SEPARATOR + dataset;
  }

  public static boolean isName(String name) {
    return name.startsWith(PREFIX);
  }

  /** The image_id behind the name; of a crawled image itself. */
  public static String imageId(String name) {
    if (!isName(name)) {
      return name;
    }
    int end = name.indexOf(SEPARATOR, PREFIX.length());
    return name.substring(PREFIX.length(), end < 0 ? name.length() : end);
  }

  /** The dataset that the benchmark image is of, where the name tells. */
  public static Optional<String> dataset(String name) {
    int end = isName(name) ? name.indexOf(SEPARATOR, PREFIX.length()) : -1;
    return end < 0 ? Optional.empty() : Optional.of(name.substring(end + 1));
  }
}
