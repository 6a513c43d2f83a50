package io.freshet.dedup.judge;

import io.freshet.dedup.candidate.Edge;
import io.freshet.dedup.component.Benchmark;
import io.freshet.dedup.component.ComponentTracker;
import io.freshet.dedup.gather.Gathered;
import java.util.Map;
import java.util.TreeMap;

/** Tells the components of an image and of the edges it came with. Owner: one thread. */
public final class Judge {
  private final ComponentTracker components;

  public Judge(ComponentTracker components) {
    this.components = components;
  }

  /**
   * Benchmarks count first, then edges, then the image, so that none is kept and withdrawn for what
   * was known. What was forgotten for it counts last.
   */
  public void accept(Gathered image) {
    boolean isBenchmark = Benchmark.isName(image.imageId());
    if (isBenchmark) {
      components.contaminate(image.imageId());
    } else {
      components.name(image.imageId(), image.stored());
    }
    for (Edge edge : image.edges()) {
      if (Benchmark.isName(edge.imageId())) {
        components.contaminate(edge.imageId());
      }
      components.join(image.imageId(), edge.imageId(), edge.evidence());
    }
    if (!isBenchmark) {
      components.decide(image.imageId(), image.ingestedMicros());
    }
    Map<String, Integer> entries = new TreeMap<>();
    image.forgotten().forEach(imageId -> entries.merge(imageId, 1, Integer::sum));
    entries.forEach(components::unname);
    components.forget();
  }
}
