package io.freshet.dedup.component;

/**
 * Names benchmark images apart from crawled ones, which may have the same pixels and so the same
 * image_id.
 */
public final class Benchmark {
  private static final String PREFIX = "benchmark:";

  private Benchmark() {}

  /** What tables and components call the benchmark image. */
  public static String name(String imageId) {
    return PREFIX + imageId;
  }

  public static boolean isName(String name) {
    return name.startsWith(PREFIX);
  }

  /** The image_id behind the name; of a crawled image itself. */
  public static String imageId(String name) {
    return isName(name) ? name.substring(PREFIX.length()) : name;
  }
}
