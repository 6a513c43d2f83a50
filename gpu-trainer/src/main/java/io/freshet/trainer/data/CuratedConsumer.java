package io.freshet.trainer.data;

import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.schemas.CuratedImage;
import io.freshet.schemas.RecordCodec;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UnreadableRecordException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntPredicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads {@code image.curated} from offsets that the checkpoint holds, see {@link TopicIntake}. Each
 * record's image is read once, on the reading thread, so that what can't be read never enters the
 * buffer.
 *
 * <p>Belongs to the training thread, which also closes it.
 */
public final class CuratedConsumer implements OffsetReplay.Source, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CuratedConsumer.class);

  private final ImageLibrary images;
  private final RecordCodec<CuratedImage> codec = RecordCodec.of(CuratedImage.class);
  private final AtomicLong unreadable = new AtomicLong();
  private final TopicIntake<Admission> intake;

  /**
   * Starts reading.
   *
   * @param offsets next offset of each partition; partitions that are missing start at 0
   * @param queueCapacity records that may wait, at least 1
   */
  public CuratedConsumer(
      KafkaConfig kafka, ImageLibrary images, Map<Integer, Long> offsets, int queueCapacity) {
    this(kafka, images, offsets, queueCapacity, partition -> true);
  }

  /**
   * Starts reading a share of the partitions.
   *
   * @param offsets next offset of each partition; partitions that are missing start at 0
   * @param queueCapacity records that may wait, at least 1
   * @param share which partitions are read
   */
  public CuratedConsumer(
      KafkaConfig kafka,
      ImageLibrary images,
      Map<Integer, Long> offsets,
      int queueCapacity,
      IntPredicate share) {
    this.images = images;
    Map<Integer, Long> start = new TreeMap<>(offsets);
    this.intake =
        new TopicIntake<>(
            kafka,
            "the curated stream",
            List.of(kafka.nameOf(Topics.IMAGE_CURATED)),
            new TopicIntake.Start(share, partition -> start.getOrDefault(partition, 0L)),
            message -> Optional.of(admission(message)),
            queueCapacity);
  }

  private Admission admission(ConsumerRecord<byte[], byte[]> message) {
    return new Admission(message.partition(), message.offset(), sample(message));
  }

  private Optional<Sample> sample(ConsumerRecord<byte[], byte[]> message) {
    if (message.value() == null) {
      return Optional.empty();
    }
    try {
      CuratedImage curated = codec.decode(message.value());
      if (images.read(curated.getBlob()).isPresent()) {
        return Optional.of(Sample.of(curated));
      }
    } catch (UnreadableRecordException | IllegalArgumentException e) {
      LOG.warn("record {}@{} left out: {}", message.partition(), message.offset(), e.getMessage());
    }
    unreadable.incrementAndGet();
    return Optional.empty();
  }

  @Override
  public List<Admission> arrived() {
    return intake.arrived();
  }

  @Override
  public List<Admission> await(Duration patience) throws InterruptedException {
    return intake.await(patience);
  }

  /** Records that were left out: undecodable, or their image missing or altered. */
  public long unreadable() {
    return unreadable.get();
  }

  @Override
  public void close() {
    intake.close();
  }
}
