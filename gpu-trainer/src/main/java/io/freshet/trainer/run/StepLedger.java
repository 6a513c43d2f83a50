package io.freshet.trainer.run;

import io.freshet.platform.kafka.KafkaClients;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.schemas.TopicOffset;
import io.freshet.schemas.Topics;
import io.freshet.schemas.TrainingStep;
import io.freshet.trainer.data.BatchPlan;
import io.freshet.trainer.schedule.StepSettings;
import io.freshet.trainer.step.StepResult;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topic {@code training.step}: which offsets made which step, and how it went. Written in the
 * background by an idempotent producer, in order; a resumed run may write a step again, then the
 * later record counts.
 */
final class StepLedger implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StepLedger.class);

  private final KafkaConfig kafka;
  private final String runId;
  private final Clock clock;
  private final KafkaProducer<String, TrainingStep> producer;
  private final AtomicLong failures = new AtomicLong();

  StepLedger(KafkaConfig kafka, String runId, Clock clock) {
    this.kafka = kafka;
    this.runId = runId;
    this.clock = clock;
    this.producer = KafkaClients.producer(kafka, Topics.TRAINING_STEP);
  }

  /** The offsets that each step from {@code fromStep} on had consumed, by what the topic holds. */
  static Map<Long, Map<Integer, Long>> offsets(KafkaConfig kafka, String runId, long fromStep) {
    Map<Long, Map<Integer, Long>> offsets = new TreeMap<>();
    new TopicReader<>(kafka, Topics.TRAINING_STEP)
        .forEach(
            message -> {
              TrainingStep entry = message.value();
              if (entry.getRunId().equals(runId) && entry.getStep() >= fromStep) {
                Map<Integer, Long> consumed = new TreeMap<>();
                entry.getOffsets().forEach(o -> consumed.put(o.getPartition(), o.getOffset()));
                offsets.put(entry.getStep(), consumed);
              }
            });
    return offsets;
  }

  /** Offsets as records carry them. */
  static List<TopicOffset> topicOffsets(KafkaConfig kafka, Map<Integer, Long> offsets) {
    String topic = kafka.nameOf(Topics.IMAGE_CURATED);
    return new TreeMap<>(offsets)
        .entrySet().stream()
            .map(entry -> new TopicOffset(topic, entry.getKey(), entry.getValue()))
            .toList();
  }

  /**
   * Records a step.
   *
   * @param collapse measures that show a collapse
   */
  void record(
      StepResult result,
      BatchPlan plan,
      Duration wall,
      Duration waited,
      Map<String, Double> collapse) {
    StepSettings settings = result.settings();
    TrainingStep entry =
        TrainingStep.newBuilder()
            .setRunId(runId)
            .setStep(result.step())
            .setImagesSeen(result.imagesSeen())
            .setOffsets(topicOffsets(kafka, plan.offsets()))
            .setLosses(result.losses())
            .setLr(settings.learningRate())
            .setWeightDecay(settings.weightDecay())
            .setMomentum(settings.momentum())
            .setTeacherTemp(settings.teacherTemperature())
            .setGradNorm(result.gradientNorms())
            .setCollapse(collapse)
            .setSkipped(result.skipped())
            .setMillis(wall.toNanos() / 1e6)
            .setDataWaitMillis(waited.toNanos() / 1e6)
            .setAt(clock.instant())
            .build();
    // The callback hears of failures, in order; nobody waits for the future.
    Future<RecordMetadata> unused =
        producer.send(
            KafkaClients.message(kafka, Topics.TRAINING_STEP, entry),
            (metadata, failure) -> {
              if (failure != null) {
                failures.incrementAndGet();
                LOG.error("step {} is missing in the ledger", result.step(), failure);
              }
            });
  }

  /** Makes what was recorded durable, as far as Kafka answers. */
  void flush() {
    producer.flush();
  }

  long failures() {
    return failures.get();
  }

  @Override
  public void close() {
    producer.close(kafka.operationTimeout());
  }
}
