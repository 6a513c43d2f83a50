package io.freshet.trainer.release;

import io.freshet.schemas.CurationWindow;
import io.freshet.schemas.DatasetFunnel;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What curation made of the crawl, summed over its windows.
 *
 * @param windows that were closed
 * @param images unique images that took part in them
 * @param withdrawn images that were retracted or revoked before their window closed
 * @param unreadable images whose bytes were gone
 * @param balanced images taken by balanced sampling
 * @param datasets by curated data set; an image may be near several
 * @param complete whether all windows were read that were closed by then
 */
public record DataFunnel(
    long windows,
    long images,
    long withdrawn,
    long unreadable,
    long balanced,
    SortedMap<String, Dataset> datasets,
    boolean complete) {
  /** Before the first window. */
  public static final DataFunnel EMPTY =
      new DataFunnel(0, 0, 0, 0, 0, Collections.emptySortedMap(), true);

  /**
   * What became of images by one curated data set.
   *
   * @param near images near enough to any of its seeds
   * @param selected images that its seeds or their clusters took
   */
  public record Dataset(long near, long selected) {
    private Dataset plus(Dataset other) {
      return new Dataset(near + other.near, selected + other.selected);
    }
  }

  public DataFunnel {
    datasets = Collections.unmodifiableSortedMap(new TreeMap<>(datasets));
  }

  /** With one more window. */
  public DataFunnel plus(CurationWindow window) {
    SortedMap<String, Dataset> sums = new TreeMap<>(datasets);
    for (DatasetFunnel of : window.getFunnels()) {
      sums.merge(
          of.getDataset(),
          new Dataset(of.getNear(), (long) of.getSampled() + of.getClustered()),
          Dataset::plus);
    }
    return new DataFunnel(
        windows + 1,
        images + window.getImages(),
        withdrawn + window.getWithdrawn(),
        unreadable + window.getUnreadable(),
        balanced + window.getBalanced(),
        sums,
        complete);
  }

  public DataFunnel completely(boolean readAll) {
    return new DataFunnel(windows, images, withdrawn, unreadable, balanced, datasets, readAll);
  }
}
