/**
 * Deduplication of the stream: each ingested image ends as unique, duplicate or rejected.
 *
 * <p>Read {@link io.freshet.dedup.DedupJob} for the graph and its order: {@code embed} reads and
 * embeds, {@code admit} lets each image pass once, {@code candidate} asks the tables where copies
 * are stored ({@code hash} and {@code similarity} hold them, in {@code state}), {@code gather}
 * waits for their answers, {@code component} says what is kept, {@code settle} gives each request
 * its outcome. {@code flow} makes Flink operators of them.
 */
package io.freshet.dedup;
