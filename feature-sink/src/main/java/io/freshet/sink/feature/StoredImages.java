package io.freshet.sink.feature;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;

/**
 * The images of a bucket in the order in which they were first embedded, numbered from 0; none is
 * ever taken out. Kept in pages, so that neither adding nor reading a batch touches more than a few
 * kilobytes of state. Of the current key, as all keyed state.
 */
final class StoredImages {
  private static final int PAGE = 64;

  private final MapState<Long, List<StoredImage>> pages;
  private final ValueState<Long> size;

  StoredImages(RuntimeContext context) {
    pages =
        context.getMapState(
            new MapStateDescriptor<>(
                "stored", Types.LONG, Types.LIST(TypeInformation.of(StoredImage.class))));
    size = context.getState(new ValueStateDescriptor<>("stored-size", Types.LONG));
  }

  long size() throws Exception {
    Long images = size.value();
    return images == null ? 0 : images;
  }

  void add(List<StoredImage> images) throws Exception {
    long next = size();
    List<StoredImage> page = null;
    for (StoredImage image : images) {
      if (page == null || next % PAGE == 0) {
        page = next % PAGE == 0 ? new ArrayList<>() : new ArrayList<>(pages.get(next / PAGE));
      }
      page.add(image);
      next++;
      if (next % PAGE == 0) {
        pages.put((next - 1) / PAGE, page);
      }
    }
    if (next % PAGE != 0 && page != null) {
      pages.put(next / PAGE, page);
    }
    size.update(next);
  }

  /**
   * @param number 0 to below {@link #size}
   * @return the image and those before it in its page, the newest first
   */
  List<StoredImage> downFrom(long number) throws Exception {
    List<StoredImage> page = pages.get(number / PAGE);
    List<StoredImage> newestFirst = new ArrayList<>();
    for (int i = (int) (number % PAGE); i >= 0; i--) {
      newestFirst.add(page.get(i));
    }
    return newestFirst;
  }
}
