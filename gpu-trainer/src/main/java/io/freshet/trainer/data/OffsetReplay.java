package io.freshet.trainer.data;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives a resumed run, step by step, exactly the records that the ledger says each step had already
 * consumed, so that it trains on the same images again; past the ledger's end it gives what has
 * arrived.
 *
 * <p>Not thread-safe: owned by the training thread.
 */
public final class OffsetReplay {
  /** Where records come from. */
  public interface Source {
    /** What has arrived since the last call; perhaps nothing. */
    List<Admission> arrived();

    /** As {@link #arrived}, but waits up to {@code patience} for the first record. */
    List<Admission> await(Duration patience) throws InterruptedException;
  }

  private final Source source;
  private Map<Long, Map<Integer, Long>> ledger;
  private final Map<Integer, Long> reached;
  private List<Admission> held = new ArrayList<>();

  /**
   * @param consumed offsets that the checkpoint has consumed
   * @param ledger offsets that each later step had consumed, as far as it is known
   */
  public OffsetReplay(
      Source source, Map<Integer, Long> consumed, Map<Long, Map<Integer, Long>> ledger) {
    this.source = source;
    this.reached = new HashMap<>(consumed);
    this.ledger = Map.copyOf(ledger);
  }

  /** Whether all that {@code step} needs is here. */
  public boolean ready(long step) {
    hold(source.arrived());
    return ledger.getOrDefault(step, Map.of()).entrySet().stream()
        .allMatch(entry -> reached.getOrDefault(entry.getKey(), 0L) >= entry.getValue());
  }

  /** Waits up to {@code patience} for further records. */
  public void await(Duration patience) throws InterruptedException {
    hold(source.await(patience));
  }

  /** The records to take in before {@code step} is planned. */
  public List<Admission> take(long step) {
    Map<Integer, Long> target = ledger.get(step);
    if (target == null) {
      List<Admission> all = held;
      held = new ArrayList<>();
      return all;
    }
    List<Admission> due = new ArrayList<>();
    List<Admission> later = new ArrayList<>();
    for (Admission admission : held) {
      boolean now = admission.offset() < target.getOrDefault(admission.partition(), 0L);
      (now ? due : later).add(admission);
    }
    held = later;
    return due;
  }

  /**
   * Gives from now on what has arrived, whatever the ledger says: for steps that can't be repeated
   * because all of their images were withdrawn.
   */
  public void abandonLedger() {
    ledger = Map.of();
  }

  /** Distinct images that are here and not taken. */
  public long waitingImages() {
    return held.stream()
        .flatMap(admission -> admission.sample().stream())
        .map(Sample::imageId)
        .distinct()
        .count();
  }

  private void hold(List<Admission> arrived) {
    for (Admission admission : arrived) {
      held.add(admission);
      reached.merge(admission.partition(), admission.offset() + 1, Math::max);
    }
  }
}
