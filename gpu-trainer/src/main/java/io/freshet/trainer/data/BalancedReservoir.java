package io.freshet.trainer.data;

import io.freshet.trainer.data.ReplayManifest.Bucket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Class-balancing reservoir sampling (Chrysakis and Moens, ICML 2020): while there is room every
 * sample stays; then a sample of a small bucket pushes out a random one of the largest, and a
 * sample of a largest bucket replaces one of its own with the probability that keeps each sample
 * ever offered equally likely to be held. Not thread-safe.
 */
final class BalancedReservoir {
  /** The samples of one concept. */
  private static final class Contents {
    private long offered;
    private final List<Sample> samples = new ArrayList<>();
  }

  private final int capacity;
  private final Map<String, Contents> buckets = new LinkedHashMap<>();
  private int size;
  private long offered;

  BalancedReservoir(int capacity) {
    this.capacity = capacity;
  }

  int size() {
    return size;
  }

  long offered() {
    return offered;
  }

  /** Offers a sample; the result is the one that isn't held any more, perhaps itself. */
  Optional<Sample> offer(Sample sample, RandomGenerator random) {
    offered++;
    if (capacity == 0) {
      return Optional.of(sample);
    }
    Contents bucket = buckets.computeIfAbsent(sample.bucket(), name -> new Contents());
    bucket.offered++;
    if (size < capacity) {
      bucket.samples.add(sample);
      size++;
      return Optional.empty();
    }
    Contents largest = largest();
    if (bucket.samples.size() < largest.samples.size()) {
      Sample dropped = takeAt(largest.samples, random.nextInt(largest.samples.size()));
      bucket.samples.add(sample);
      forgetEmpty();
      return Optional.of(dropped);
    }
    long place = random.nextLong(bucket.offered);
    return Optional.of(
        place < bucket.samples.size() ? bucket.samples.set((int) place, sample) : sample);
  }

  /** The first of the buckets that hold the most. */
  private Contents largest() {
    Contents largest = null;
    for (Contents bucket : buckets.values()) {
      if (largest == null || bucket.samples.size() > largest.samples.size()) {
        largest = bucket;
      }
    }
    return largest;
  }

  /** Distinct samples, concepts in turn from a random order, random within a concept. */
  List<Sample> draw(RandomGenerator random, int count) {
    List<List<Sample>> open = new ArrayList<>();
    for (Contents bucket : buckets.values()) {
      if (!bucket.samples.isEmpty()) {
        open.add(new ArrayList<>(bucket.samples));
      }
    }
    List<Sample> drawn = new ArrayList<>(count);
    List<List<Sample>> round = new ArrayList<>();
    while (drawn.size() < count) {
      if (round.isEmpty()) {
        open.removeIf(List::isEmpty);
        round.addAll(open);
      }
      List<Sample> bucket = takeAt(round, random.nextInt(round.size()));
      drawn.add(takeAt(bucket, random.nextInt(bucket.size())));
    }
    return drawn;
  }

  private static <T> T takeAt(List<T> list, int index) {
    T taken = list.get(index);
    T last = list.remove(list.size() - 1);
    if (index < list.size()) {
      list.set(index, last);
    }
    return taken;
  }

  void removeAll(Set<String> imageIds) {
    for (Contents bucket : buckets.values()) {
      int before = bucket.samples.size();
      bucket.samples.removeIf(sample -> imageIds.contains(sample.imageId()));
      size -= before - bucket.samples.size();
    }
    forgetEmpty();
  }

  /** Drops the newest of the largest buckets until the capacity holds. */
  List<Sample> trim() {
    List<Sample> dropped = new ArrayList<>();
    while (size > capacity) {
      List<Sample> largest = largest().samples;
      dropped.add(largest.remove(largest.size() - 1));
      size--;
    }
    forgetEmpty();
    return dropped;
  }

  /** Concepts come and go for ever; only those with samples are remembered. */
  private void forgetEmpty() {
    buckets.values().removeIf(bucket -> bucket.samples.isEmpty());
  }

  Stream<Sample> samples() {
    return buckets.values().stream().flatMap(bucket -> bucket.samples.stream());
  }

  List<Bucket> contents() {
    List<Bucket> contents = new ArrayList<>();
    buckets.forEach(
        (name, bucket) -> contents.add(new Bucket(name, bucket.offered, bucket.samples)));
    return contents;
  }

  void restore(Bucket stored) {
    Contents bucket = new Contents();
    bucket.offered = stored.offered();
    bucket.samples.addAll(stored.samples());
    buckets.put(stored.name(), bucket);
    size += bucket.samples.size();
  }

  void restoreOffered(long total) {
    offered = total;
  }
}
