package io.freshet.platform.flink;

import io.freshet.schemas.CrawledImage;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Crawled images for the harness's own tests. */
final class Crawl {
  private static final int COPIES = 2;

  private Crawl() {}

  static CrawledImage image(String url) {
    return new CrawledImage(
        url, "http://page/", null, Instant.EPOCH, Map.of(), ByteBuffer.wrap(new byte[200]));
  }

  /** URLs {@code from} to {@code to - 1}, each twice in a row. */
  static List<CrawledImage> twice(int from, int to) {
    List<CrawledImage> images = new ArrayList<>();
    for (int i = from; i < to; i++) {
      for (int copy = 0; copy < COPIES; copy++) {
        images.add(image(url(i)));
      }
    }
    return images;
  }

  static String url(int i) {
    return "http://image/%06d".formatted(i);
  }

  static List<String> urls(int from, int to) {
    List<String> urls = new ArrayList<>();
    for (int i = from; i < to; i++) {
      urls.add(url(i));
    }
    return urls;
  }
}
