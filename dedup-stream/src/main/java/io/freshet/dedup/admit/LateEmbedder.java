package io.freshet.dedup.admit;

import io.freshet.dedup.embed.Embedding;
import io.freshet.dedup.request.Request;

/**
 * Embeds a copy whose original turned out to be unreadable, so that it is judged by its own pixels.
 * Rare: only when stored bytes were lost or altered.
 */
@FunctionalInterface
public interface LateEmbedder {
  Embedding embed(Request request);
}
