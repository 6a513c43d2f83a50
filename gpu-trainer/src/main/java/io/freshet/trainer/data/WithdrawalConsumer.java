package io.freshet.trainer.data;

import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.schemas.ImageId;
import io.freshet.schemas.RecordCodec;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.Revocation;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UnreadableRecordException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads {@code image.retracted} and {@code image.revoked} from their beginning at every start anew,
 * see {@link TopicIntake}: what was withdrawn while the trainer did not run is known before its
 * first step, see {@link #caughtUp}. A revocation that names a URL is no image's id and is passed
 * over; the command that revokes a URL also names the images that were found there.
 *
 * <p>Belongs to the training thread, which also closes it.
 */
public final class WithdrawalConsumer implements Withdrawals, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WithdrawalConsumer.class);
  private static final int QUEUE_CAPACITY = 16_384;

  private final String retracted;
  private final RecordCodec<RetractedImage> retractions = RecordCodec.of(RetractedImage.class);
  private final RecordCodec<Revocation> revocations = RecordCodec.of(Revocation.class);
  private final TopicIntake<String> intake;

  /** Starts reading. */
  public WithdrawalConsumer(KafkaConfig kafka) {
    this.retracted = kafka.nameOf(Topics.IMAGE_RETRACTED);
    this.intake =
        new TopicIntake<>(
            kafka,
            "the withdrawals",
            List.of(retracted, kafka.nameOf(Topics.IMAGE_REVOKED)),
            TopicIntake.Start.BEGINNING,
            this::imageId,
            QUEUE_CAPACITY);
  }

  private Optional<String> imageId(ConsumerRecord<byte[], byte[]> message) {
    if (message.value() == null) {
      return Optional.empty();
    }
    try {
      String target =
          message.topic().equals(retracted)
              ? retractions.decode(message.value()).getImageId()
              : revocations.decode(message.value()).getTarget();
      return Optional.of(target).filter(ImageId::is);
    } catch (UnreadableRecordException e) {
      LOG.warn(
          "record {}/{}@{} left out: {}",
          message.topic(),
          message.partition(),
          message.offset(),
          e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public Collection<String> arrived() {
    return intake.arrived();
  }

  /** Whether what was withdrawn before the start has all been returned by {@link #arrived}. */
  public boolean caughtUp() {
    return intake.caughtUp();
  }

  @Override
  public void close() {
    intake.close();
  }
}
