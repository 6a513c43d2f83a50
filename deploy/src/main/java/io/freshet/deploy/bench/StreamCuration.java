package io.freshet.deploy.bench;

import io.freshet.curator.CuratorConfig;
import io.freshet.curator.retrieval.Candidate;
import io.freshet.curator.retrieval.Seed;
import io.freshet.curator.window.Choice;
import io.freshet.curator.window.CuratedWindow;
import io.freshet.curator.window.WindowCuration;
import io.freshet.dedup.DedupConfig;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What deduplication and curation leave of a stream in memory: the jobs' descriptors, thresholds
 * and selection, with every pair compared and the whole stream as one window.
 *
 * @param unique places in the stream of what is no copy of something before it
 * @param curated places of what the seeds took of those
 */
record StreamCuration(List<Integer> unique, List<Integer> curated) {
  private static final String DATASET = "wanted";

  StreamCuration {
    unique = List.copyOf(unique);
    curated = List.copyOf(curated);
  }

  static StreamCuration of(PollutedStream stream, DedupConfig dedup, CuratorConfig curator) {
    try (ImageEmbedder embedder = ImageEmbedders.bootstrap()) {
      List<CopyDescriptors> items = CopyDescriptors.of(stream.images(), embedder);
      List<Seed> seeds =
          CopyDescriptors.of(stream.seeds(), embedder).stream()
              .map(seed -> new Seed(seed.imageId(), DATASET, seed.vector()))
              .toList();
      List<Integer> unique = unique(items, dedup);
      Map<String, Integer> places = new LinkedHashMap<>();
      List<Candidate> candidates = new ArrayList<>();
      for (int place : unique) {
        CopyDescriptors item = items.get(place);
        places.put(item.imageId(), place);
        candidates.add(new Candidate(item.imageId(), item.vector()));
      }
      CuratedWindow window = new WindowCuration(curator.plan()).curate(seeds, candidates);
      return new StreamCuration(
          unique, window.choices().stream().map(Choice::imageId).map(places::get).toList());
    }
  }

  private static List<Integer> unique(List<CopyDescriptors> items, DedupConfig config) {
    List<Integer> unique = new ArrayList<>();
    for (int place = 0; place < items.size(); place++) {
      CopyDescriptors item = items.get(place);
      if (unique.stream().noneMatch(before -> isCopy(item, items.get(before), config))) {
        unique.add(place);
      }
    }
    return unique;
  }

  private static boolean isCopy(CopyDescriptors a, CopyDescriptors b, DedupConfig config) {
    return a.hasPixelsOf(b)
        || a.cosine(b) > config.embedding().threshold()
        || a.hashDistance(b, config.hash().minQuality()) <= config.hash().maxDistance();
  }
}
