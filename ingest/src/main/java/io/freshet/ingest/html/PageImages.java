package io.freshet.ingest.html;

import java.util.List;

/**
 * The images of one page.
 *
 * @param links in document order, each URL once
 * @param beyondLimit how many more the page shows than may be asked for
 */
public record PageImages(List<ImageLink> links, int beyondLimit) {
  public static final PageImages NONE = new PageImages(List.of(), 0);

  public PageImages {
    links = List.copyOf(links);
  }
}
