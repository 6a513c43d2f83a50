package io.freshet.client;

import io.freshet.schemas.ImageFeature;
import io.freshet.schemas.ModelPublished;
import io.freshet.schemas.RecordCodec;
import io.freshet.schemas.Topics;
import io.freshet.schemas.Vectors;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Reads {@code image.feature} and {@code model.published} from their beginning and goes on for
 * ever. Both topics are compacted, so that the beginning is a full picture of what is: whoever
 * applies the events in order holds, for each image, the newest feature that was not withdrawn.
 *
 * <p>Committed records only; no consumer group, no offsets kept: state that should outlive the
 * process belongs to whoever keeps it.
 *
 * <p>One owner thread. Closed by whoever opened it.
 */
public final class FeatureStream extends EventStream<FeatureEvent> {
  private final String features;
  private final SpacePolicy policy;
  private final RecordCodec<ImageFeature> featureCodec = RecordCodec.of(ImageFeature.class);
  private final RecordCodec<ModelPublished> modelCodec = RecordCodec.of(ModelPublished.class);

  /**
   * @param consumer assigned to nothing yet; closed with the stream
   */
  FeatureStream(Consumer<byte[], byte[]> consumer, String topicPrefix, SpacePolicy policy) {
    super(
        consumer,
        Topics.IMAGE_FEATURE.nameWith(topicPrefix),
        Topics.MODEL_PUBLISHED.nameWith(topicPrefix));
    this.features = Topics.IMAGE_FEATURE.nameWith(topicPrefix);
    this.policy = policy;
  }

  /**
   * @param connection what a Kafka client needs to reach and to be let in, {@code
   *     bootstrap.servers} above all
   * @param topicPrefix what the deployment's topics begin with; may be empty
   * @throws IllegalArgumentException when the broker has no such topics
   */
  public static FeatureStream open(Properties connection, String topicPrefix, SpacePolicy policy) {
    Consumer<byte[], byte[]> consumer = consumer(connection);
    try {
      return new FeatureStream(consumer, topicPrefix, policy);
    } catch (RuntimeException e) {
      consumer.close();
      throw e;
    }
  }

  @Override
  Optional<FeatureEvent> event(ConsumerRecord<byte[], byte[]> message) {
    if (message.topic().equals(features)) {
      return message.value() == null ? erased(message.key()) : written(message.value());
    }
    return message.value() == null ? Optional.empty() : Optional.of(released(message.value()));
  }

  private Optional<FeatureEvent> erased(byte[] key) {
    FeatureKey erased = FeatureKey.of(key);
    return policy.takes(erased.space())
        ? Optional.of(new FeatureEvent.Erased(erased.imageId(), erased.space()))
        : Optional.empty();
  }

  private Optional<FeatureEvent> written(byte[] value) {
    ImageFeature feature = featureCodec.decode(value);
    String space = feature.getCls().getSpaceId();
    Optional<float[]> vector = policy.bring(space, Vectors.toFloats(feature.getCls()));
    if (vector.isEmpty()) {
      passOver(space);
    }
    return vector.map(
        brought ->
            new FeatureEvent.Written(
                feature.getImageId(), space, brought, feature.getComputedAt()));
  }

  private FeatureEvent released(byte[] value) {
    ModelPublished model = modelCodec.decode(value);
    return new FeatureEvent.Released(
        model.getName() + "@" + model.getVersion(),
        HexFormat.of().formatHex(model.getManifestSha256().bytes()),
        List.copyOf(model.getAliases()));
  }
}
