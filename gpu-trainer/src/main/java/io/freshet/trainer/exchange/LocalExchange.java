package io.freshet.trainer.exchange;

import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Sha256;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An exchange between workers of one process, on the heap: the whole log, but only the newest
 * tensors. Thread-safe.
 */
public final class LocalExchange {
  private static final String STORE = "heap";

  private final List<ExchangeMessage> log = new ArrayList<>();
  private final Map<Long, List<float[]>> payloads = new LinkedHashMap<>();
  private final int retained;
  private long stored;

  /**
   * @param retained payloads that are kept; a worker that wants an older one fails. Twice the
   *     workers and one more are enough for workers that keep pace.
   */
  public LocalExchange(int retained) {
    this.retained = retained;
  }

  /** One worker's end of it. */
  public Exchange open() {
    return new End();
  }

  private synchronized void append(ExchangeMessage message) {
    log.add(message);
    notifyAll();
  }

  private synchronized List<ExchangeMessage> from(int position, Duration patience)
      throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    long millis = patience.toMillis();
    while (position == log.size() && millis > 0) {
      wait(millis);
      millis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
    }
    return List.copyOf(log.subList(position, log.size()));
  }

  private synchronized BlobRef store(List<float[]> arrays) {
    payloads.put(stored, List.copyOf(arrays));
    payloads.remove(stored - retained);
    return new BlobRef(STORE, stored++, 0, new Sha256());
  }

  private synchronized List<float[]> load(BlobRef ref) {
    List<float[]> arrays = payloads.get(ref.getOffset());
    if (arrays == null) {
      throw new IllegalStateException(
          "payload %d is no longer kept; only the newest %d are"
              .formatted(ref.getOffset(), retained));
    }
    return arrays;
  }

  private final class End implements Exchange {
    private int position;

    @Override
    public List<BlobRef> store(List<float[]> arrays) {
      return List.of(LocalExchange.this.store(arrays));
    }

    @Override
    public List<float[]> load(List<BlobRef> payload, int... sizes) {
      return LocalExchange.this.load(payload.get(0));
    }

    @Override
    public void append(ExchangeMessage message) {
      LocalExchange.this.append(message);
    }

    @Override
    public List<ExchangeMessage> poll(Duration patience) throws InterruptedException {
      List<ExchangeMessage> next = from(position, patience);
      position += next.size();
      return next;
    }

    @Override
    public void close() {
      // The log and the payloads are the group's.
    }
  }
}
