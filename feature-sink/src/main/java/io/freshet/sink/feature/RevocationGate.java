package io.freshet.sink.feature;

import io.freshet.schemas.ImageId;
import io.freshet.schemas.Revocation;
import io.freshet.schemas.UniqueImage;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Turns revocations, which name an image's URL or its id, into ids of images to withdraw. Keyed by
 * URL (or id): remembers which images were unique at a URL, and stops those that come from a
 * revoked one.
 *
 * <p>A revoked URL withdraws the images whose own record names it, letter by letter. A copy that
 * was found elsewhere is another source's; it is revoked by its id.
 */
final class RevocationGate
    extends KeyedCoProcessFunction<String, UniqueImage, Revocation, UniqueImage> {
  private static final long serialVersionUID = 1L;

  static final OutputTag<String> WITHDRAWN = new OutputTag<>("withdrawn", Types.STRING);

  private transient MapState<String, Boolean> images;
  private transient ValueState<Boolean> revoked;

  @Override
  public void open(OpenContext context) {
    images =
        getRuntimeContext()
            .getMapState(new MapStateDescriptor<>("images", Types.STRING, Types.BOOLEAN));
    revoked = getRuntimeContext().getState(new ValueStateDescriptor<>("revoked", Types.BOOLEAN));
  }

  @Override
  public void processElement1(UniqueImage image, Context context, Collector<UniqueImage> out)
      throws Exception {
    if (revoked.value() != null) {
      context.output(WITHDRAWN, image.getImageId());
      return;
    }
    images.put(image.getImageId(), true);
    out.collect(image);
  }

  @Override
  public void processElement2(Revocation revocation, Context context, Collector<UniqueImage> out)
      throws Exception {
    if (ImageId.is(revocation.getTarget())) {
      context.output(WITHDRAWN, revocation.getTarget());
      return;
    }
    revoked.update(true);
    for (String imageId : images.keys()) {
      context.output(WITHDRAWN, imageId);
    }
    images.clear();
  }
}
