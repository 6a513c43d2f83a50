package io.freshet.platform.flink;

import io.freshet.platform.config.Config;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.schemas.Origin;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.Topic;
import io.freshet.schemas.Topics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.typeutils.TupleTypeInfo;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.types.Either;

/**
 * What a job builds its graph with. Sources, sinks and the refusals of undecodable records come
 * from here, with stable uids; a stage adds the operators between and gives each a uid.
 *
 * <p>Guarantee: each record read has its effects in state and in the written topics exactly once,
 * for readers that are read_committed, across crashes and restarts. Operators must not change or
 * keep the records they are given (object reuse is on).
 *
 * <p>One owner thread; used only during {@link StreamJob#define}.
 */
public final class JobContext {
  static {
    RecordTypeFactory.register();
  }

  private final String job;
  private final StreamExecutionEnvironment environment;
  private final Config config;
  private final KafkaEndpoints endpoints;
  private final KafkaConfig kafka;
  private final Map<Topic<?>, DataStream<?>> sources = new LinkedHashMap<>();
  private final Map<Topic<?>, Sink<?>> sinks = new LinkedHashMap<>();

  JobContext(
      String job,
      StreamExecutionEnvironment environment,
      Config config,
      KafkaConfig kafka,
      KafkaEndpoints endpoints) {
    this.job = job;
    this.environment = environment;
    this.config = config;
    this.kafka = kafka;
    this.endpoints = endpoints;
  }

  public StreamExecutionEnvironment environment() {
    return environment;
  }

  public Config config() {
    return config;
  }

  public KafkaConfig kafka() {
    return kafka;
  }

  /** The records of a topic from its beginning, committed ones only, without tombstones. */
  public <T extends SpecificRecordBase> DataStream<T> read(Topic<T> topic) {
    return readWithOrigin(topic)
        .map(located -> located.f1, avro(topic.recordType()))
        .name("record of " + topic.name())
        .uid("record/" + topic.name());
  }

  /**
   * As {@link #read}, each record with the place it was read from. Records that can't be decoded
   * end in {@code image.rejected} as UNREADABLE_RECORD; they never fail the job. No watermarks: a
   * stage that needs event time assigns its own.
   */
  @SuppressWarnings("unchecked")
  public <T extends SpecificRecordBase> DataStream<Tuple2<Origin, T>> readWithOrigin(
      Topic<T> topic) {
    return (DataStream<Tuple2<Origin, T>>) sources.computeIfAbsent(topic, t -> source(topic));
  }

  /**
   * The keys that tombstones of a compacted topic erase. They come by another way than the records,
   * and may overtake them: the changes of one key lie in one partition, and of two the one with the
   * higher offset holds.
   */
  public DataStream<Tuple2<Origin, String>> readErased(Topic<?> topic) {
    return ((SingleOutputStreamOperator<?>) readWithOrigin(topic)).getSideOutput(Decode.ERASED);
  }

  private <T extends SpecificRecordBase> DataStream<Tuple2<Origin, T>> source(Topic<T> topic) {
    SingleOutputStreamOperator<Tuple2<Origin, T>> decoded =
        endpoints
            .source(environment, topic)
            .process(
                endpoints.decode(topic),
                new TupleTypeInfo<>(avro(Origin.class), avro(topic.recordType())))
            .name("decode " + topic.name())
            .uid("decode/" + topic.name());
    reject(decoded.getSideOutput(Decode.UNREADABLE));
    return decoded;
  }

  /**
   * Writes records to their topic, exactly once: they become visible to read_committed readers when
   * the checkpoint that covers them is complete. May be called again for the same topic; the
   * streams share one sink.
   */
  @SuppressWarnings("unchecked")
  public <T extends SpecificRecordBase> void write(DataStream<T> records, Topic<T> topic) {
    ((Sink<T>) sinks.computeIfAbsent(topic, t -> new Sink<>(topic, new ArrayList<>())))
        .inputs()
        .add(records);
  }

  /**
   * As {@link #write}, for a compacted topic whose records can be erased: the left of a change is
   * the key to erase, the right a record. Changes of one key keep their order as long as one task
   * makes them. At most once a topic, and not together with {@link #write}.
   */
  public <T extends SpecificRecordBase> void writeChanges(
      DataStream<Either<String, T>> changes, Topic<T> topic) {
    if (topic.cleanup() != Topic.Cleanup.COMPACT) {
      throw new IllegalArgumentException(
          topic.name() + " is not compacted, a tombstone would erase nothing in it");
    }
    attach(changes, changes.getType(), topic, endpoints.changes(topic));
  }

  /** Writes refusals to {@code image.rejected}. May be called several times. */
  public void reject(DataStream<RejectedImage> refusals) {
    write(refusals, Topics.IMAGE_REJECTED);
  }

  /**
   * Type of a generated record, for state descriptors and output tags. Operators over records need
   * no type hint.
   */
  public static <T extends SpecificRecordBase> TypeInformation<T> avro(Class<T> type) {
    return new RecordTypeInfo<>(type);
  }

  /** Adds the sinks; after that the graph is complete. */
  void finish() {
    sinks.values().forEach(this::attach);
  }

  @SuppressWarnings("unchecked")
  private <T extends SpecificRecordBase> void attach(Sink<T> sink) {
    Topic<T> topic = sink.topic();
    DataStream<T> records =
        sink.inputs().get(0).union(sink.inputs().stream().skip(1).toArray(DataStream[]::new));
    attach(records, avro(topic.recordType()), topic, endpoints.sink(topic));
  }

  private <E> void attach(
      DataStream<E> elements, TypeInformation<E> type, Topic<?> topic, KafkaSink<E> sink) {
    elements
        .process(endpoints.guard(job), type)
        .name("guard " + topic.name())
        .uid("guard/" + topic.name())
        .sinkTo(sink)
        .name("write " + topic.name())
        .uid("sink/" + topic.name());
  }

  private record Sink<T extends SpecificRecordBase>(Topic<T> topic, List<DataStream<T>> inputs) {}
}
