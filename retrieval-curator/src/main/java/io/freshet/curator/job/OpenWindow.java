package io.freshet.curator.job;

import io.freshet.schemas.BlobRef;
import io.freshet.schemas.ImageId;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vector;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.api.common.state.MapState;

/**
 * The images that wait to be curated, counted by the space of their vectors. Images without a
 * vector could not be read; they belong to whichever window closes next. Owned by the task thread,
 * used under the window's key.
 */
final class OpenWindow {
  private static final String NO_SPACE = "";

  private final MapState<String, UniqueImage> images;
  private final Map<String, Integer> counts = new HashMap<>();

  OpenWindow(MapState<String, UniqueImage> images) {
    this.images = images;
  }

  /** Counts what the checkpoint had. */
  void load() throws Exception {
    for (UniqueImage image : images.values()) {
      counts.merge(spaceOf(image), 1, Integer::sum);
    }
  }

  /** Adds an image, unless it is there. */
  void add(UniqueImage image) throws Exception {
    if (!images.contains(image.getImageId())) {
      images.put(image.getImageId(), image);
      counts.merge(spaceOf(image), 1, Integer::sum);
    }
  }

  boolean isEmpty() {
    return counts.isEmpty();
  }

  /** Images that a window in this space could take. */
  int count(CurationSpace space) {
    return counts.getOrDefault(space.id(), 0) + counts.getOrDefault(NO_SPACE, 0);
  }

  /** Spaces of which any vector is there, by name. */
  Set<String> spaces() {
    Set<String> spaces = new TreeSet<>(counts.keySet());
    spaces.remove(NO_SPACE);
    return spaces;
  }

  /**
   * Takes an image out.
   *
   * @param target its id or URL; several may have one URL
   * @return how many were there
   */
  int remove(String target) throws Exception {
    if (ImageId.is(target)) {
      UniqueImage image = images.get(target);
      if (image == null) {
        return 0;
      }
      images.remove(target);
      uncount(image);
      return 1;
    }
    int removed = 0;
    Iterator<UniqueImage> open = images.values().iterator();
    while (open.hasNext()) {
      UniqueImage image = open.next();
      if (target.equals(image.getSource().getImageUrl())) {
        open.remove();
        uncount(image);
        removed++;
      }
    }
    return removed;
  }

  /** Takes images that a window in this space could take out, {@code most} of them at most. */
  Map<String, UniqueImage> take(CurationSpace space, int most) throws Exception {
    int available = Math.min(most, count(space));
    Map<String, UniqueImage> taken = new LinkedHashMap<>();
    Iterator<UniqueImage> open = images.values().iterator();
    while (taken.size() < available) {
      UniqueImage image = open.next();
      String own = spaceOf(image);
      if (own.equals(space.id()) || own.equals(NO_SPACE)) {
        open.remove();
        uncount(image);
        taken.put(image.getImageId(), image);
      }
    }
    return taken;
  }

  /** Where the pixels of images with vectors of the space lie, {@code most} at most. */
  Map<String, BlobRef> blobs(CurationSpace space, int most) throws Exception {
    int available = Math.min(most, counts.getOrDefault(space.id(), 0));
    Map<String, BlobRef> blobs = new LinkedHashMap<>();
    Iterator<UniqueImage> open = images.values().iterator();
    while (blobs.size() < available) {
      UniqueImage image = open.next();
      if (spaceOf(image).equals(space.id())) {
        blobs.put(image.getImageId(), image.getBlob());
      }
    }
    return blobs;
  }

  /**
   * Gives an image another vector, if it is still there.
   *
   * @param vector null when it can't be read
   */
  void embedAgain(String imageId, Vector vector) throws Exception {
    UniqueImage image = images.get(imageId);
    if (image != null) {
      uncount(image);
      UniqueImage again = UniqueImage.newBuilder(image).setCopyEmbedding(vector).build();
      images.put(imageId, again);
      counts.merge(spaceOf(again), 1, Integer::sum);
    }
  }

  private void uncount(UniqueImage image) {
    counts.computeIfPresent(spaceOf(image), (space, count) -> count == 1 ? null : count - 1);
  }

  private static String spaceOf(UniqueImage image) {
    Vector vector = image.getCopyEmbedding();
    return vector == null ? NO_SPACE : vector.getSpaceId();
  }
}
