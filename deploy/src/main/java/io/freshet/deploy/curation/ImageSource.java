package io.freshet.deploy.curation;

import java.util.Iterator;

/**
 * Images one after the other, each once; what can't be read is reported instead. One owner thread,
 * which closes it.
 */
public interface ImageSource extends Iterator<BatchImage>, AutoCloseable {
  /** How many there are, with those that can't be read; may wait until it is known. */
  long total();

  /** How many were looked at so far, with those that couldn't be read. */
  long looked();

  @Override
  void close();
}
