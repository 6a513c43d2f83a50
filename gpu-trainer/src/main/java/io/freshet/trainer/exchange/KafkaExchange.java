package io.freshet.trainer.exchange;

import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobUnavailableException;
import io.freshet.platform.blob.ShardWriter;
import io.freshet.platform.kafka.KafkaClients;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.ExchangeKind;
import io.freshet.schemas.Topics;
import io.freshet.schemas.TrainingExchange;
import io.freshet.trainer.exchange.ExchangeMessage.Close;
import io.freshet.trainer.exchange.ExchangeMessage.Delta;
import io.freshet.trainer.exchange.ExchangeMessage.Join;
import io.freshet.trainer.exchange.ExchangeMessage.Leave;
import io.freshet.trainer.exchange.ExchangeMessage.State;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;

/**
 * The log is topic {@code training.exchange}: records of a group have one key, so they lie in one
 * partition and have one order. The number of the topic's partitions must not change while a group
 * lives. Tensors go to the blob store, synced before the record that refers to them is sent.
 */
public final class KafkaExchange implements Exchange {
  /** Values of one blob: 16 MiB, well below the smallest useful shard. */
  private static final int PIECE = 4 << 20;

  private final KafkaConfig kafka;
  private final BlobStore blobs;
  private final String group;
  private final Clock clock;
  private final ShardWriter writer;
  private final KafkaProducer<String, TrainingExchange> producer;
  private final KafkaConsumer<String, TrainingExchange> consumer;
  private long stored;

  /**
   * @param blobs stays the caller's
   * @param group whose log this is
   * @param writerName names the shards of this worker; see {@link BlobStore#openShard}
   */
  public KafkaExchange(
      KafkaConfig kafka, BlobStore blobs, String group, String writerName, Clock clock) {
    this.kafka = kafka;
    this.blobs = blobs;
    this.group = group;
    this.clock = clock;
    this.writer = blobs.openShard(writerName);
    this.producer = KafkaClients.producer(kafka, Topics.TRAINING_EXCHANGE);
    this.consumer =
        KafkaClients.consumer(kafka, Topics.TRAINING_EXCHANGE, KafkaClients.anonymousGroup(kafka));
    String topic = kafka.nameOf(Topics.TRAINING_EXCHANGE);
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic, kafka.operationTimeout()).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  @Override
  public List<BlobRef> store(List<float[]> arrays) {
    List<BlobRef> refs = new ArrayList<>();
    for (float[] array : arrays) {
      for (int from = 0; from < array.length; from += PIECE) {
        int length = Math.min(PIECE, array.length - from);
        ByteBuffer bytes = ByteBuffer.allocate(length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(array, from, length);
        refs.add(writer.append("%012d.f32".formatted(stored++), bytes.array()));
      }
    }
    writer.sync();
    return refs;
  }

  @Override
  public List<float[]> load(List<BlobRef> payload, int... sizes) {
    List<float[]> arrays = new ArrayList<>();
    int next = 0;
    for (int size : sizes) {
      float[] array = new float[size];
      for (int from = 0; from < size; from += PIECE) {
        if (next == payload.size()) {
          throw differs(payload);
        }
        read(payload.get(next++), array, from, Math.min(PIECE, size - from));
      }
      arrays.add(array);
    }
    if (next != payload.size()) {
      throw differs(payload);
    }
    return arrays;
  }

  private void read(BlobRef ref, float[] target, int from, int length) {
    byte[] bytes;
    try {
      bytes = blobs.read(ref);
    } catch (BlobUnavailableException e) {
      throw new IllegalStateException(
          "tensors of group " + group + " can't be read; is the blob store complete?", e);
    }
    FloatBuffer values = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    if (values.remaining() != length) {
      throw differs(List.of(ref));
    }
    values.get(target, from, length);
  }

  private IllegalStateException differs(List<BlobRef> payload) {
    return new IllegalStateException(
        "%s in group %s is of another model; give each trainer.recipe a trainer.parallel.group of its own"
            .formatted(payload, group));
  }

  @Override
  public void append(ExchangeMessage message) {
    try {
      producer
          .send(KafkaClients.message(kafka, Topics.TRAINING_EXCHANGE, toRecord(message)))
          .get(kafka.operationTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while telling the other workers", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(
          "the other workers can't be told of " + message.getClass().getSimpleName(), e);
    }
  }

  @Override
  public List<ExchangeMessage> poll(Duration patience) {
    List<ExchangeMessage> messages = new ArrayList<>();
    for (ConsumerRecord<String, TrainingExchange> record : consumer.poll(patience)) {
      if (record.value() != null && record.value().getGroup().equals(group)) {
        messages.add(fromRecord(record.value()));
      }
    }
    return messages;
  }

  private TrainingExchange toRecord(ExchangeMessage message) {
    TrainingExchange.Builder record =
        TrainingExchange.newBuilder()
            .setGroup(group)
            .setWorker(message.worker())
            .setAt(clock.instant());
    if (message instanceof Join) {
      record.setKind(ExchangeKind.JOIN);
    } else if (message instanceof Leave) {
      record.setKind(ExchangeKind.LEAVE);
    } else if (message instanceof Delta delta) {
      record
          .setKind(ExchangeKind.DELTA)
          .setRound(delta.round())
          .setBase(delta.base())
          .setImages(delta.images())
          .setPayload(delta.payload());
    } else if (message instanceof Close close) {
      record.setKind(ExchangeKind.CLOSE).setRound(close.round());
    } else if (message instanceof State state) {
      record
          .setKind(ExchangeKind.STATE)
          .setRound(state.round())
          .setImages(state.images())
          .setPayload(state.payload());
    }
    return record.build();
  }

  private static ExchangeMessage fromRecord(TrainingExchange record) {
    String worker = record.getWorker();
    return switch (record.getKind()) {
      case JOIN -> new Join(worker);
      case LEAVE -> new Leave(worker);
      case DELTA ->
          new Delta(
              worker, record.getRound(), record.getBase(), record.getImages(), record.getPayload());
      case CLOSE -> new Close(worker, record.getRound());
      case STATE -> new State(worker, record.getRound(), record.getImages(), record.getPayload());
      case UNKNOWN ->
          throw new IllegalStateException(
              "worker "
                  + worker
                  + " says something that this version doesn't know; run the same version everywhere");
    };
  }

  @Override
  public void close() {
    consumer.close();
    producer.close(kafka.operationTimeout());
    writer.close();
  }
}
