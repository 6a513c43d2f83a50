/**
 * The harness that every Flink job of ours runs in: sources and sinks that lose and duplicate
 * nothing, checkpoints and the restart from them, an embedded cluster. A stage writes a {@link
 * io.freshet.platform.flink.StreamJob}; {@link io.freshet.platform.flink.EmbeddedFlink} or {@link
 * io.freshet.platform.flink.JobMain} runs it.
 */
package io.freshet.platform.flink;
