package io.freshet.deploy.demo;

import io.freshet.deploy.demo.DemoImages.PhotoSquare;

/** One image link of the demo's web site, and what a crawler finds behind it. */
public sealed interface CrawlItem {
  /** A picture of its own. */
  sealed interface Picture extends CrawlItem {}

  record Square(PhotoSquare square) implements Picture {}

  record Drawing(String file) implements Picture {}

  /** A picture seen before, altered the way copies on the web are. */
  record Copy(Picture original, Alteration alteration) implements CrawlItem {}

  /** A file that a broken transfer cut off. */
  record Truncated(Picture original) implements CrawlItem {}

  /** An error page, sent with status 200 as image/jpeg. */
  record HtmlAsJpeg() implements CrawlItem {}

  /** Status 404. */
  record Missing() implements CrawlItem {}

  /** An address that no crawler may connect to. */
  record Forbidden(String url) implements CrawlItem {}

  /** What happened to a copy. */
  enum Alteration {
    SAME_BYTES,
    RE_ENCODED,
    RESIZED,
    MIRRORED
  }
}
