package io.freshet.dedup.flow;

import io.freshet.dedup.embed.CopyEmbedder;
import java.io.Serializable;

/** Opens an embedder in the task that uses it. The task closes it. */
@FunctionalInterface
public interface EmbedderSource extends Serializable {
  CopyEmbedder open();
}
