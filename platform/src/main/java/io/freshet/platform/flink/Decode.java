package io.freshet.platform.flink;

import io.freshet.schemas.Origin;
import io.freshet.schemas.RecordCodec;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.RejectionReason;
import io.freshet.schemas.TrustedRecords;
import io.freshet.schemas.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.typeutils.TupleTypeInfo;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Bytes to records. What is no record of the type leaves by the side output as a refusal that says
 * where it lies, so one poisonous record costs one refusal and not the job. Tombstones leave by a
 * side output too.
 */
final class Decode<T extends SpecificRecordBase>
    extends ProcessFunction<RawRecord, Tuple2<Origin, T>> {
  private static final long serialVersionUID = 1L;
  private static final int MAX_DETAIL_BYTES = 1024;

  static {
    TrustedRecords.register();
  }

  static final OutputTag<RejectedImage> UNREADABLE =
      new OutputTag<>("unreadable", new RecordTypeInfo<>(RejectedImage.class));

  static final OutputTag<Tuple2<Origin, String>> ERASED =
      new OutputTag<>(
          "erased", new TupleTypeInfo<>(new RecordTypeInfo<>(Origin.class), Types.STRING));

  private final Class<T> type;
  private final String job;
  private final Clock clock;
  private transient RecordCodec<T> codec;

  Decode(Class<T> type, String job, Clock clock) {
    this.type = type;
    this.job = job;
    this.clock = clock;
  }

  @Override
  public void open(OpenContext context) {
    codec = RecordCodec.of(type);
  }

  @Override
  public void processElement(RawRecord raw, Context context, Collector<Tuple2<Origin, T>> out) {
    if (!raw.erasedKey.isEmpty()) {
      context.output(ERASED, Tuple2.of(raw.origin(), raw.erasedKey));
      return;
    }
    T decoded;
    try {
      decoded = codec.decode(raw.value);
    } catch (UnreadableRecordException e) {
      context.output(UNREADABLE, refusal(raw, e.getMessage()));
      return;
    }
    out.collect(Tuple2.of(raw.origin(), decoded));
  }

  private RejectedImage refusal(RawRecord raw, String why) {
    Origin origin = raw.origin();
    return new RejectedImage(
        RequestId.of(origin),
        null,
        job,
        RejectionReason.UNREADABLE_RECORD,
        shortened(why),
        origin,
        clock.instant().truncatedTo(ChronoUnit.MICROS));
  }

  private static String shortened(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return bytes.length <= MAX_DETAIL_BYTES
        ? text
        : text.substring(0, Math.min(text.length(), MAX_DETAIL_BYTES / 4)) + "...";
  }
}
