package io.freshet.deploy.node;

/** What a process can be; {@code freshet up} is all of them. */
public enum Role {
  /** The embedded Kafka broker. */
  BROKER,
  INGEST,
  DEDUP,
  CURATOR,
  TRAINER,
  FEATURES,
  /** Registry server and web console. */
  CONSOLE
}
