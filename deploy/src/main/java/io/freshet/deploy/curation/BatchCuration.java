package io.freshet.deploy.curation;

import io.freshet.curator.retrieval.Candidate;
import io.freshet.curator.retrieval.SeedIndex;
import io.freshet.curator.window.CuratedWindow;
import io.freshet.curator.window.WindowCuration;
import io.freshet.deploy.curation.EmbeddedImages.EmbeddedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Images curated window after window, each window by itself, as the stream does it. One window's
 * vectors are in memory. Immutable.
 */
public final class BatchCuration {
  /** Vectors of a window are held in memory: 7 KB an image with the bundled model. */
  public static final int MOST_WINDOW_IMAGES = 200_000;

  private final WindowCuration curation;
  private final SeedIndex seeds;
  private final int windowImages;

  /**
   * @param seeds in the space of the images
   * @param windowImages images of each window, 1 to {@link #MOST_WINDOW_IMAGES}; the last may have
   *     fewer
   */
  public BatchCuration(WindowCuration curation, SeedIndex seeds, int windowImages) {
    if (windowImages < 1 || windowImages > MOST_WINDOW_IMAGES) {
      throw new IllegalArgumentException(
          "a window has 1 to %,d images, not %,d".formatted(MOST_WINDOW_IMAGES, windowImages));
    }
    this.curation = curation;
    this.seeds = seeds;
    this.windowImages = windowImages;
  }

  /** Takes a window that was curated. */
  @FunctionalInterface
  public interface Windows {
    /**
     * @param number counts from 0
     * @param places of all images of the window, by image id
     */
    void curated(long number, CuratedWindow window, Map<String, Place> places) throws IOException;
  }

  /**
   * Curates all images; no image may come twice.
   *
   * @throws IOException from {@code windows}
   */
  public void curate(Iterator<EmbeddedImage> images, Windows windows) throws IOException {
    List<Candidate> candidates = new ArrayList<>();
    Map<String, Place> places = new HashMap<>();
    long number = 0;
    while (images.hasNext()) {
      EmbeddedImage image = images.next();
      candidates.add(new Candidate(image.imageId(), image.host(), image.vector()));
      places.put(image.imageId(), image.place());
      if (candidates.size() == windowImages || !images.hasNext()) {
        windows.curated(number++, curation.curate(seeds, candidates), Map.copyOf(places));
        candidates.clear();
        places.clear();
      }
    }
  }
}
