package io.freshet.trainer.exchange;

import io.freshet.schemas.BlobRef;
import java.time.Duration;
import java.util.List;

/**
 * How a worker reaches the others: one log, whose order is the same for all who read it, and a
 * store for tensors. Owned by the training thread, which closes it.
 */
public interface Exchange extends AutoCloseable {

  /**
   * Makes values durable before anything refers to them.
   *
   * @return where they are, for {@link #load}
   */
  List<BlobRef> store(List<float[]> arrays);

  /**
   * What {@link #store} was given.
   *
   * @param sizes length of each array
   * @throws IllegalStateException when it can't be read any more or has another size
   */
  List<float[]> load(List<BlobRef> payload, int... sizes);

  /** Appends to the end of the log; on return the message is durable. */
  void append(ExchangeMessage message);

  /**
   * The next messages of the log, from its very beginning, each once; waits up to {@code patience}
   * for the first.
   */
  List<ExchangeMessage> poll(Duration patience) throws InterruptedException;

  @Override
  void close();
}
