package io.freshet.dedup.similarity;

import io.freshet.dedup.state.Table;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * What images are compared with to tell how much else they are near to: a sample of those that
 * passed before, renewed as the stream goes on.
 *
 * <p>The first {@code background} images are the first background. From then on each period of
 * {@code renewal} images samples the next one, those with the least hash of their image_id, and its
 * last image puts it in place. So what an image is compared with depends on its place in the
 * sequence alone, not on how images came in batches. An image's excess is decided once, when it
 * passes, and is kept with its vector.
 *
 * <p>State: two samples at most, 8 bytes and one byte an element for each image. Heap: 24 bytes an
 * image of the sample. All of it is read back after a restart. Owner: one thread.
 */
public final class Background implements AutoCloseable {
  private static final int HEAD_KEY = -1;
  private static final int HEAD_BYTES = Long.BYTES + 4 * Integer.BYTES + Float.BYTES;

  /** Vectors of a background that are compared with it at once. */
  private static final int COMPARED_TOGETHER = 256;

  private final Table<Integer, byte[]> table;
  private final Normalisation settings;
  private final double copies;
  private final BackgroundSearch search;

  /** Of the sample, the one with the largest rank first. */
  private final PriorityQueue<Sampled> sample =
      new PriorityQueue<>(Comparator.comparing(Sampled::rank).reversed());

  private boolean loaded;
  private Head head = new Head(0, 0, 0, 0, 0, Float.NaN);

  private record Sampled(long rank, int slot) {}

  /**
   * @param passed images of this period
   * @param renewals so far
   * @param images of the background in place, 0 while there is none
   * @param sampled images of the next one so far
   * @param capacity images that the next one was to have
   * @param usual mean over the background in place of how near its images are to the others
   */
  private record Head(
      long passed, int renewals, int images, int sampled, int capacity, float usual) {
    static Head read(byte[] bytes) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      return new Head(
          buffer.getLong(),
          buffer.getInt(),
          buffer.getInt(),
          buffer.getInt(),
          buffer.getInt(),
          buffer.getFloat());
    }

    byte[] bytes() {
      return ByteBuffer.allocate(HEAD_BYTES)
          .putLong(passed)
          .putInt(renewals)
          .putInt(images)
          .putInt(sampled)
          .putInt(capacity)
          .putFloat(usual)
          .array();
    }
  }

  /**
   * @param table where it lies; nothing else may use it
   * @param copies cosine above which an image of the background is taken for a copy and not counted
   * @param search without a background; closed with this
   */
  public Background(
      Table<Integer, byte[]> table,
      Normalisation settings,
      double copies,
      BackgroundSearch search) {
    this.table = table;
    this.settings = settings;
    this.copies = copies;
    this.search = search;
  }

  /** Images of the background in place; 0 while there is none. */
  public int images() {
    return head.images();
  }

  /** How near images usually are to the background, a cosine; NaN while there is none. */
  public float usual() {
    return head.usual();
  }

  public int renewals() {
    return head.renewals();
  }

  /**
   * Images pass, one after the other.
   *
   * @param vectors of unit length, all of one space, an image each
   * @return by image how much nearer it is to the background than images usually are: the mean of
   *     its nearest cosines with it, less the same mean of the background's own images. 0 while
   *     there is no background, and where all of it are copies of the image
   */
  public float[] pass(List<String> imageIds, List<float[]> vectors) {
    load();
    float[] excess = new float[vectors.size()];
    for (int from = 0; from < excess.length; ) {
      int until = (int) Math.min(excess.length, from + Math.max(1, untilRenewal()));
      compare(vectors.subList(from, until), excess, from);
      for (int i = from; i < until; i++) {
        sample(imageIds.get(i), vectors.get(i));
      }
      setHead(head.passed() + until - from, sample.size());
      if (untilRenewal() <= 0) {
        renew();
      }
      from = until;
    }
    table.put(HEAD_KEY, head.bytes());
    return excess;
  }

  private long untilRenewal() {
    long last = head.images() == 0 ? settings.background() : settings.renewal();
    return last - head.passed();
  }

  private void compare(List<float[]> vectors, float[] excess, int at) {
    if (head.images() > 0) {
      float[] means = search.means(vectors, settings.nearest(), copies);
      for (int i = 0; i < means.length; i++) {
        float above = means[i] - head.usual();
        excess[at + i] = Float.isNaN(above) ? 0 : above;
      }
    }
  }

  private void sample(String imageId, float[] vector) {
    long rank = rank(imageId);
    int slot = sample.size();
    if (slot == settings.background()) {
      if (rank >= sample.element().rank()) {
        return;
      }
      slot = sample.remove().slot();
    }
    sample.add(new Sampled(rank, slot));
    ByteBuffer record = ByteBuffer.allocate(Long.BYTES + vector.length).putLong(rank);
    ByteVector.write(vector, record);
    table.put(key(head.renewals(), slot), record.array());
  }

  private void renew() {
    int before = head.renewals() - 1;
    for (int slot = 0; slot < head.images(); slot++) {
      table.remove(key(before, slot));
    }
    int now = head.renewals();
    int images = sample.size();
    sample.clear();
    List<float[]> background = read(now, images);
    search.replace(background);
    head = new Head(0, now + 1, images, 0, settings.background(), usual(background));
  }

  private List<float[]> read(int number, int images) {
    List<float[]> background = new ArrayList<>(images);
    for (int slot = 0; slot < images; slot++) {
      background.add(ByteVector.read(record(number, slot), Long.BYTES));
    }
    return background;
  }

  /** How near the images of the background in place are to each other. */
  private float usual(List<float[]> background) {
    double sum = 0;
    int counted = 0;
    for (int from = 0; from < background.size(); from += COMPARED_TOGETHER) {
      List<float[]> some =
          background.subList(from, Math.min(background.size(), from + COMPARED_TOGETHER));
      // Each is its own copy, and so not compared with itself.
      for (float mean : search.means(some, settings.nearest(), copies)) {
        if (!Float.isNaN(mean)) {
          sum += mean;
          counted++;
        }
      }
    }
    return (float) (sum / counted);
  }

  private void load() {
    if (loaded) {
      return;
    }
    head = table.get(HEAD_KEY).map(Head::read).orElse(head);
    if (head.images() > 0) {
      search.replace(read(head.renewals() - 1, head.images()));
    }
    for (int slot = 0; slot < head.sampled(); slot++) {
      if (head.capacity() == settings.background()) {
        long rank = ByteBuffer.wrap(record(head.renewals(), slot)).getLong();
        sample.add(new Sampled(rank, slot));
      } else {
        table.remove(key(head.renewals(), slot));
      }
    }
    setHead(sample.isEmpty() ? 0 : head.passed(), sample.size());
    loaded = true;
  }

  private void setHead(long passed, int sampled) {
    head =
        new Head(
            passed, head.renewals(), head.images(), sampled, settings.background(), head.usual());
  }

  private byte[] record(int number, int slot) {
    return table.get(key(number, slot)).orElseThrow();
  }

  /** Samples take turns in two ranges of keys. */
  private static int key(int number, int slot) {
    return (number & 1) * Normalisation.MOST_BACKGROUND + slot;
  }

  /** Spreads image ids evenly, whatever they look like. */
  static long rank(String imageId) {
    long z = imageId.hashCode() * 0x9e3779b97f4a7c15L;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  @Override
  public void close() {
    search.close();
  }
}
