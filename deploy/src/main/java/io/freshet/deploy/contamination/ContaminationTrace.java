package io.freshet.deploy.contamination;

import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.ReleaseCatalog;
import io.freshet.schemas.TopicOffset;
import io.freshet.schemas.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds the contamination from {@code image.retracted}, {@code image.curated}, the ledger {@code
 * training.step} and the manifests. Reads the topics whole: minutes where they hold millions of
 * records. One owner thread.
 */
public final class ContaminationTrace {
  private final KafkaConfig kafka;
  private final ReleaseCatalog registry;

  public ContaminationTrace(KafkaConfig kafka, ReleaseCatalog registry) {
    this.kafka = kafka;
    this.registry = registry;
  }

  public Contamination trace() {
    SortedMap<String, Withdrawal> withdrawn = withdrawn();
    Map<String, List<Position>> positions = positions(withdrawn);
    List<ModelVersion> altered = new ArrayList<>();
    List<TrainedRelease> releases = releases(altered);
    return Contamination.of(withdrawn, positions, releases, altered, firstSteps(positions));
  }

  private SortedMap<String, Withdrawal> withdrawn() {
    Withdrawals withdrawals = new Withdrawals();
    new TopicReader<>(kafka, Topics.IMAGE_RETRACTED)
        .forEach(message -> withdrawals.add(message.value()));
    return withdrawals.all();
  }

  private Map<String, List<Position>> positions(SortedMap<String, Withdrawal> withdrawn) {
    Map<String, List<Position>> positions = new HashMap<>();
    new TopicReader<>(kafka, Topics.IMAGE_CURATED)
        .forEach(
            message -> {
              String image = message.value().getImageId();
              if (withdrawn.containsKey(image)) {
                positions
                    .computeIfAbsent(image, id -> new ArrayList<>())
                    .add(new Position(message.partition(), message.offset()));
              }
            });
    return positions;
  }

  private FirstSteps firstSteps(Map<String, List<Position>> positions) {
    FirstSteps steps = new FirstSteps(positions);
    if (!positions.isEmpty()) {
      new TopicReader<>(kafka, Topics.TRAINING_STEP)
          .forEach(
              message ->
                  steps.add(
                      message.value().getRunId(),
                      message.value().getStep(),
                      ofCurated(message.value().getOffsets())));
    }
    return steps;
  }

  /**
   * @param altered takes those whose manifest can't be believed
   */
  private List<TrainedRelease> releases(List<ModelVersion> altered) {
    Map<String, ModelVersion> aliases = new TreeMap<>(registry.aliases());
    List<TrainedRelease> releases = new ArrayList<>();
    for (ModelVersion version : registry.versions()) {
      registry
          .intactManifest(version)
          .ifPresentOrElse(
              manifest -> releases.add(trained(manifest, aliases)), () -> altered.add(version));
    }
    return releases;
  }

  private TrainedRelease trained(Manifest manifest, Map<String, ModelVersion> aliases) {
    return new TrainedRelease(
        manifest.id(),
        manifest.runId(),
        manifest.step(),
        ofCurated(manifest.offsets()),
        manifest.parents(),
        aliases.entrySet().stream()
            .filter(alias -> alias.getValue().equals(manifest.id()))
            .map(Map.Entry::getKey)
            .toList());
  }

  private Map<Integer, Long> ofCurated(List<TopicOffset> offsets) {
    String curated = kafka.nameOf(Topics.IMAGE_CURATED);
    Map<Integer, Long> next = new HashMap<>();
    for (TopicOffset offset : offsets) {
      if (offset.getTopic().equals(curated)) {
        next.put(offset.getPartition(), offset.getOffset());
      }
    }
    return next;
  }
}
