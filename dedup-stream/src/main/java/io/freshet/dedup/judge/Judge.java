package io.freshet.dedup.judge;

import io.freshet.dedup.candidate.Edge;
import io.freshet.dedup.component.Benchmark;
import io.freshet.dedup.component.ComponentTracker;
import io.freshet.dedup.gather.Gathered;

/** Tells the components of an image and of the edges it came with. Owner: one thread. */
public final class Judge {
  private final ComponentTracker components;

  public Judge(ComponentTracker components) {
    this.components = components;
  }

  /**
   * Benchmarks count first, then edges, then the image, so that none is kept and withdrawn for what
   * was known.
   */
  public void accept(Gathered image) {
    if (Benchmark.isName(image.imageId())) {
      components.contaminate(image.imageId());
    }
    for (Edge edge : image.edges()) {
      if (Benchmark.isName(edge.imageId())) {
        components.contaminate(edge.imageId());
      }
      components.join(image.imageId(), edge.imageId(), edge.evidence());
    }
    if (!Benchmark.isName(image.imageId())) {
      components.decide(image.imageId(), image.ingestedMicros());
    }
  }
}
