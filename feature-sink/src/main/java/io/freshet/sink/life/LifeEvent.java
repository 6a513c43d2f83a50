package io.freshet.sink.life;

import java.time.Instant;

/**
 * Something that happened to an image.
 *
 * @param topic where the record lies that tells it, without the prefix
 * @param partition of the topic
 * @param offset in the partition
 * @param verdict in a few words, with score, threshold, evidence and model where there are any
 */
public record LifeEvent(Instant at, String topic, int partition, long offset, String verdict) {}
