/**
 * The ingest stage as a Flink job. The graph is {@link io.freshet.ingest.IngestJob}; operators are
 * thin shells around the packages below, which know nothing of Flink.
 */
package io.freshet.ingest;
