package io.freshet.curator.job;

import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Vector;
import java.io.Serializable;
import java.util.Map;
import java.util.concurrent.CancellationException;

/**
 * Embeds stored images with the model that the registry's alias {@code curation} names. The model
 * changes only in {@link #followAlias}. Owned by one thread.
 */
interface AliasEmbedder extends AutoCloseable {
  /** Opens an embedder where the operator runs. */
  interface Factory extends Serializable {
    AliasEmbedder open();
  }

  /**
   * Opens the model that the alias names now, unless it is open already. While that one can't be
   * had, because it or the alias was altered, the open one stays.
   *
   * @return whether a model is open
   * @throws IllegalStateException when the alias names nothing and no model is open
   */
  boolean followAlias();

  /** Of the open model; there must be one. */
  CurationSpace space();

  /**
   * Vectors by the given keys, in {@link #space}; an image that can't be read, or that the model
   * can't cope with, is left out.
   *
   * @throws CancellationException when the thread is interrupted
   */
  Map<String, Vector> embed(Map<String, BlobRef> images);

  @Override
  void close();
}
