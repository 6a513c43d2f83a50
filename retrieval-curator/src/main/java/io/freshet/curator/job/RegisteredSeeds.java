package io.freshet.curator.job;

import io.freshet.curator.job.SeedPreparation.Fresh;
import io.freshet.curator.job.SeedPreparation.Prepared;
import io.freshet.curator.retrieval.SeedIndex;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.Vector;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.state.MapState;

/**
 * The seeds that are registered and their vectors, as the checkpoint has them. Of two changes of
 * one key the one with the higher offset holds, so a change may come twice. Owned by the task
 * thread, used under the window's key.
 */
final class RegisteredSeeds {
  private final MapState<String, SeedImage> seeds;
  private final MapState<String, Long> offsets;
  private final MapState<String, Vector> vectors;

  /** Dataset and image of what was withdrawn, with the request by which it leaves the index. */
  private final Map<String, Long> leaving = new HashMap<>();

  private long lastRequest;

  RegisteredSeeds(
      MapState<String, SeedImage> seeds,
      MapState<String, Long> offsets,
      MapState<String, Vector> vectors) {
    this.seeds = seeds;
    this.offsets = offsets;
    this.vectors = vectors;
  }

  boolean isEmpty() throws Exception {
    return seeds.isEmpty();
  }

  /** Submits all that the checkpoint had. */
  void submitAll(SeedPreparation preparation) throws Exception {
    for (Map.Entry<String, SeedImage> seed : seeds.entries()) {
      String key = seed.getKey();
      lastRequest =
          preparation.submit(
              key, offsets.get(key), seed.getValue(), Optional.ofNullable(vectors.get(key)));
    }
  }

  /** Takes a change over and submits it, unless a later one of its key was read. */
  void change(WindowChange change, SeedPreparation preparation) throws Exception {
    String key = change.target();
    Long newest = offsets.get(key);
    if (newest != null && newest >= change.offset()) {
      return;
    }
    SeedImage before = seeds.get(key);
    offsets.put(key, change.offset());
    seeds.remove(key);
    vectors.remove(key);
    if (change.seed().isEmpty()) {
      lastRequest = preparation.withdraw(key);
    }
    for (SeedImage seed : change.seed()) {
      seeds.put(key, seed);
      lastRequest = preparation.submit(key, change.offset(), seed, Optional.empty());
    }
    if (before != null) {
      leaving.put(reference(before.getDataset(), before.getImageId()), lastRequest);
    }
    for (SeedImage seed : change.seed()) {
      leaving.remove(reference(seed.getDataset(), seed.getImageId()));
    }
  }

  /** Whether a change is not in the prepared seeds yet. */
  boolean isAhead(Prepared prepared) {
    return lastRequest > prepared.request();
  }

  /** Keeps the vectors that were computed for seeds as they are registered now. */
  void keep(Map<String, Fresh> fresh) throws Exception {
    for (Map.Entry<String, Fresh> entry : fresh.entrySet()) {
      Long offset = offsets.get(entry.getKey());
      if (seeds.contains(entry.getKey()) && entry.getValue().offset() == offset) {
        vectors.put(entry.getKey(), entry.getValue().vector());
      }
    }
  }

  /** The prepared seeds without those that were withdrawn meanwhile. */
  SeedIndex asking(Prepared prepared) {
    leaving.values().removeIf(request -> request <= prepared.request());
    return leaving.isEmpty()
        ? prepared.index()
        : prepared
            .index()
            .filtered(seed -> !leaving.containsKey(reference(seed.dataset(), seed.imageId())));
  }

  private static String reference(String dataset, String imageId) {
    return dataset + "/" + imageId;
  }
}
