package io.freshet.trainer.data;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides what each step trains on: a state machine over (admitted records, step). Plans depend on
 * the records of {@code image.curated} that were admitted before them and on the seed, not on
 * timing or threads; the offsets in a plan say which records these were. What is withdrawn is out
 * of all later plans, also of those that a resumed run makes anew: an opt-out goes before repeating
 * the same numbers.
 *
 * <p>Not thread-safe: owned by the training thread.
 */
public final class BatchComposer {
  private final ReplayBuffer buffer;
  private final int batchSize;
  private final Map<Integer, Long> offsets;
  private final ArrayDeque<BatchPlan> pending;
  private final Withdrawals withdrawals;
  private long nextStep;

  /** Of a stream from which nothing is withdrawn. */
  public BatchComposer(ReplayConfig config, long seed, int batchSize, CompositionState state) {
    this(config, seed, batchSize, state, Withdrawals.NONE);
  }

  /**
   * @param batchSize images of a step
   * @param state where to go on from
   * @param withdrawals asked whenever records are taken in
   */
  public BatchComposer(
      ReplayConfig config,
      long seed,
      int batchSize,
      CompositionState state,
      Withdrawals withdrawals) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batch size is " + batchSize + "; it must be at least 1");
    }
    this.buffer = ReplayBuffer.restore(config, seed, state.buffer());
    this.batchSize = batchSize;
    this.offsets = new HashMap<>(state.offsets());
    this.pending = new ArrayDeque<>(state.pending());
    this.nextStep = state.nextStep();
    this.withdrawals = withdrawals;
  }

  /**
   * Drops what was withdrawn and takes records in. Their order of arrival doesn't matter within one
   * call; a record that was consumed before is ignored, so redelivery does no harm.
   */
  public void admit(Collection<Admission> arrived) {
    buffer.withdraw(withdrawals.arrived());
    List<Admission> ordered = new ArrayList<>(arrived);
    ordered.sort(Admission.CANONICAL);
    for (Admission admission : ordered) {
      if (admission.offset() >= offsets.getOrDefault(admission.partition(), 0L)) {
        offsets.put(admission.partition(), admission.offset() + 1);
        admission.sample().ifPresent(buffer::admit);
      }
    }
  }

  /** Plans the next step from what the buffer holds. */
  public BatchPlan compose() {
    BatchPlan plan = new BatchPlan(nextStep, buffer.draw(nextStep, batchSize), offsets);
    pending.addLast(plan);
    nextStep++;
    return plan;
  }

  /** The step that {@link #compose} plans. */
  public long nextStep() {
    return nextStep;
  }

  /** The plans that are made but not trained, oldest first. */
  public List<BatchPlan> pending() {
    return List.copyOf(pending);
  }

  /** Says that the oldest pending plan was trained. */
  public BatchPlan trained(long step) {
    BatchPlan oldest =
        Optional.ofNullable(pending.pollFirst())
            .orElseThrow(() -> new IllegalStateException("no plan is pending for step " + step));
    if (oldest.step() != step) {
      throw new IllegalStateException(
          "step %d was trained, but the oldest plan is for %d".formatted(step, oldest.step()));
    }
    return oldest;
  }

  /** Drops images whose bytes are lost, so that later plans don't draw them again. */
  public void forget(Collection<String> imageIds) {
    buffer.remove(imageIds);
  }

  /**
   * Keeps images out of all later plans, also when they are delivered again. Plans that are made
   * already may still hold them.
   */
  public void quarantine(Collection<String> imageIds) {
    buffer.quarantine(imageIds);
  }

  /** Images that are kept out. */
  public int quarantinedImages() {
    return buffer.quarantined();
  }

  /** Distinct images that batches can be drawn from. */
  public int bufferedImages() {
    return buffer.size();
  }

  /** Images held, by curated data set. */
  public Map<String, Long> imagesByDataset() {
    return buffer.imagesByDataset();
  }

  public CompositionState state() {
    return new CompositionState(nextStep, offsets, buffer.manifest(), List.copyOf(pending));
  }
}
