package io.freshet.trainer.data;

import io.freshet.trainer.data.StepRandom.Purpose;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The images that batches are drawn from: a fresh tier that holds the newest ones, first in first
 * out, and a balanced tier that keeps what leaves the fresh tier, evenly over the concepts of the
 * curated data sets, so that an early or a rare concept isn't washed out by a frequent one.
 *
 * <p>Its content and its draws are a function of the seed and of the sequence of admitted samples
 * and steps alone. Not thread-safe: owned by the training thread.
 */
public final class ReplayBuffer {
  /**
   * Images in quarantine that are remembered, about 1 MiB in a checkpoint; an older one that is
   * delivered again may come back, and is caught again.
   */
  static final int MAX_QUARANTINED = 16_384;

  /**
   * Withdrawn images that are remembered, some 40 MiB, in case they are delivered only afterwards.
   * Not in the checkpoint: their topics are read anew at every start.
   */
  static final int MAX_WITHDRAWN = 262_144;

  private final ReplayConfig config;
  private final long seed;
  private final ArrayDeque<Sample> fresh = new ArrayDeque<>();
  private final BalancedReservoir balanced;
  private final Set<String> held = new HashSet<>();
  private final NewestIds quarantine = new NewestIds(MAX_QUARANTINED);
  private final NewestIds withdrawn = new NewestIds(MAX_WITHDRAWN);
  private long admitted;
  private long repeated;

  public ReplayBuffer(ReplayConfig config, long seed) {
    this.config = config;
    this.seed = seed;
    this.balanced = new BalancedReservoir(config.balancedCapacity());
  }

  /** The buffer that {@link #manifest()} described. */
  public static ReplayBuffer restore(ReplayConfig config, long seed, ReplayManifest manifest) {
    ReplayBuffer buffer = new ReplayBuffer(config, seed);
    buffer.admitted = manifest.admitted();
    buffer.repeated = manifest.repeated();
    buffer.quarantine.add(manifest.quarantined());
    manifest.balanced().forEach(buffer.balanced::restore);
    manifest.fresh().forEach(buffer.fresh::addLast);
    manifest.fresh().forEach(sample -> buffer.held.add(sample.imageId()));
    buffer.balanced.samples().forEach(sample -> buffer.held.add(sample.imageId()));
    buffer.balanced.restoreOffered(manifest.offered());
    // A capacity that was lowered since drops the surplus now.
    buffer.balanced.trim().forEach(dropped -> buffer.held.remove(dropped.imageId()));
    buffer.shrink();
    return buffer;
  }

  /**
   * Takes a sample in; one whose image is already held only counts as repeated, and one whose image
   * is in quarantine or withdrawn is ignored.
   */
  public void admit(Sample sample) {
    if (quarantine.contains(sample.imageId()) || withdrawn.contains(sample.imageId())) {
      return;
    }
    if (!held.add(sample.imageId())) {
      repeated++;
      return;
    }
    admitted++;
    fresh.addLast(sample);
    shrink();
  }

  private void shrink() {
    while (fresh.size() > config.freshCapacity()) {
      Sample oldest = fresh.removeFirst();
      RandomGenerator random =
          StepRandom.of(seed, Purpose.ADMISSION, balanced.offered(), balanced.size());
      balanced.offer(oldest, random).ifPresent(dropped -> held.remove(dropped.imageId()));
    }
  }

  /** Forgets images, as when their bytes turn out to be lost. */
  public void remove(Collection<String> imageIds) {
    Set<String> gone = new HashSet<>(imageIds);
    if (held.removeAll(gone)) {
      fresh.removeIf(sample -> gone.contains(sample.imageId()));
      balanced.removeAll(gone);
    }
  }

  /** Forgets images for good: they are not taken in again. */
  public void quarantine(Collection<String> imageIds) {
    quarantine.add(imageIds);
    remove(imageIds);
  }

  /** Forgets images that were retracted or revoked, also those that are yet to come. */
  public void withdraw(Collection<String> imageIds) {
    withdrawn.add(imageIds);
    remove(imageIds);
  }

  /** Images that are kept out, as far as they are remembered. */
  public int quarantined() {
    return quarantine.size();
  }

  /** Distinct images held. */
  public int size() {
    return held.size();
  }

  /** Samples ever taken in, without repetitions. */
  public long admitted() {
    return admitted;
  }

  /** Samples that were refused because their image is held already. */
  public long repeated() {
    return repeated;
  }

  /**
   * The samples of one batch: {@code fresh_share} of them from the fresh tier, the rest from the
   * balanced tier, concepts drawn evenly. No image twice, unless the buffer holds fewer than {@code
   * count}; when one tier runs short the other fills up.
   *
   * @param step the step that the batch is for; the draw is a function of it
   */
  public List<Sample> draw(long step, int count) {
    if (size() == 0) {
      throw new IllegalStateException("a batch can't be drawn from an empty replay buffer");
    }
    RandomGenerator random = StepRandom.of(seed, Purpose.COMPOSITION, step, 0);
    List<Sample> drawn = new ArrayList<>(count);
    while (drawn.size() < count) {
      drawn.addAll(drawDistinct(random, Math.min(count - drawn.size(), size())));
    }
    return drawn;
  }

  private List<Sample> drawDistinct(RandomGenerator random, int count) {
    int fromBalanced =
        Math.min(balanced.size(), count - (int) Math.round(count * config.freshShare()));
    int fromFresh = Math.min(fresh.size(), count - fromBalanced);
    fromBalanced = count - fromFresh;
    List<Sample> drawn = balanced.draw(random, fromBalanced);
    List<Sample> newest = new ArrayList<>(fresh);
    for (int i = 0; i < fromFresh; i++) {
      int j = i + random.nextInt(newest.size() - i);
      drawn.add(newest.set(j, newest.get(i)));
    }
    return drawn;
  }

  /** Images held, by curated data set. */
  public Map<String, Long> imagesByDataset() {
    return Stream.concat(fresh.stream(), balanced.samples())
        .collect(Collectors.groupingBy(Sample::dataset, TreeMap::new, Collectors.counting()));
  }

  /** What the buffer holds, for a checkpoint. */
  public ReplayManifest manifest() {
    return new ReplayManifest(
        admitted,
        repeated,
        balanced.offered(),
        List.copyOf(fresh),
        balanced.contents(),
        quarantine.imageIds());
  }
}
