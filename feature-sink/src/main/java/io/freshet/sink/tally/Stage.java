package io.freshet.sink.tally;

import java.util.Locale;

/** What is counted, by the name under which it is shown. */
enum Stage {
  /** Images that the crawl asked for: accepted or refused by ingest. */
  REQUESTS,
  REJECTED,
  /** Decoded and stored. */
  INGESTED,
  DUPLICATE,
  UNIQUE,
  /** Unique images that gave way when components met. */
  RETRACTED,
  CURATED,
  /** Curated images that the trainer has read. */
  LEARNED,
  TRAINING_STEPS,
  RELEASES,
  FEATURES,
  REVOKED;

  String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
