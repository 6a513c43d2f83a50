package io.freshet.client;

import io.freshet.schemas.PatchFeature;
import io.freshet.schemas.PatchFeatures;
import io.freshet.schemas.RecordCodec;
import io.freshet.schemas.Topics;
import io.freshet.vision.embed.EmbeddingSpace;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Reads {@code image.patch_feature} from its beginning and goes on for ever, as {@link
 * FeatureStream} reads features of whole images. Empty unless the deployment publishes features of
 * patches ({@code features.patches.models}).
 *
 * <p>One space is pinned, that of one model's patches; what is of others is passed over and
 * counted. There are no adapters: those of a release were fitted on whole images.
 *
 * <p>One owner thread. Closed by whoever opened it.
 */
public final class PatchFeatureStream extends EventStream<PatchEvent> {
  private final String pinned;
  private final RecordCodec<PatchFeature> codec = RecordCodec.of(PatchFeature.class);

  /**
   * @param consumer assigned to nothing yet; closed with the stream
   */
  PatchFeatureStream(Consumer<byte[], byte[]> consumer, String topicPrefix, String pinned) {
    super(consumer, Topics.IMAGE_PATCH_FEATURE.nameWith(topicPrefix));
    this.pinned = pinned;
  }

  /**
   * @param connection what a Kafka client needs to reach and to be let in, {@code
   *     bootstrap.servers} above all
   * @param topicPrefix what the deployment's topics begin with; may be empty
   * @param space of the model's features of whole images, as {@link LocalModel#space} says it, or
   *     of its patches
   * @throws IllegalArgumentException when the broker has no such topic, or the text is no space
   */
  public static PatchFeatureStream open(Properties connection, String topicPrefix, String space) {
    String pinned = EmbeddingSpace.parse(space).patches().id();
    Consumer<byte[], byte[]> consumer = consumer(connection);
    try {
      return new PatchFeatureStream(consumer, topicPrefix, pinned);
    } catch (RuntimeException e) {
      consumer.close();
      throw e;
    }
  }

  /** {@code model@version/patch/none}. */
  public String pinned() {
    return pinned;
  }

  @Override
  Optional<PatchEvent> event(ConsumerRecord<byte[], byte[]> message) {
    return message.value() == null ? erased(message.key()) : written(message.value());
  }

  private Optional<PatchEvent> erased(byte[] key) {
    FeatureKey erased = FeatureKey.of(key);
    return erased.space().equals(pinned)
        ? Optional.of(new PatchEvent.Erased(erased.imageId()))
        : Optional.empty();
  }

  private Optional<PatchEvent> written(byte[] value) {
    PatchFeature feature = codec.decode(value);
    if (!feature.getSpaceId().equals(pinned)) {
      passOver(feature.getSpaceId());
      return Optional.empty();
    }
    return Optional.of(
        new PatchEvent.Written(
            feature.getImageId(),
            new PatchGrid(
                feature.getRows(),
                feature.getColumns(),
                feature.getDim(),
                PatchFeatures.toFloats(feature)),
            feature.getComputedAt()));
  }
}
