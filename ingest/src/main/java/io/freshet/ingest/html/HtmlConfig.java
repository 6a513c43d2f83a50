package io.freshet.ingest.html;

import io.freshet.platform.config.DataSize;
import java.io.Serializable;

/**
 * Limits on what a page may make of a crawl.
 *
 * @param maxPageBytes a longer page is parsed up to here
 * @param maxImagesPerPage further images of a page are not asked for
 * @param maxAltBytes longer alternative texts are cut, in UTF-8 bytes
 */
public record HtmlConfig(DataSize maxPageBytes, int maxImagesPerPage, int maxAltBytes)
    implements Serializable {
  public HtmlConfig {
    if (maxPageBytes.bytes() < 1 || maxPageBytes.bytes() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "ingest.html.max_page_bytes is %d, must be 1 B to 2 GiB".formatted(maxPageBytes.bytes()));
    }
    if (maxImagesPerPage < 1) {
      throw new IllegalArgumentException(
          "ingest.html.max_images_per_page is %d, must be at least 1".formatted(maxImagesPerPage));
    }
    if (maxAltBytes < 0 || maxAltBytes > 1024) {
      throw new IllegalArgumentException(
          "ingest.html.max_alt_bytes is %d, must be 0 to 1024".formatted(maxAltBytes));
    }
  }
}
