/**
 * Deduplication of the stream: each ingested image ends as unique, duplicate or rejected.
 *
 * <p>Read {@link io.freshet.dedup.DedupJob} for the graph, {@code screen} for copies told without
 * pixels, {@code embed} for embeddings, {@code decide} for outcomes, {@code component} for what is
 * kept; {@code hash} and {@code similarity} hold the two indexes, {@code state} the tables they
 * live in.
 */
package io.freshet.dedup;
