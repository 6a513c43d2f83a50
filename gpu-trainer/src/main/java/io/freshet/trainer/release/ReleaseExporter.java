package io.freshet.trainer.release;

import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.Release;
import io.freshet.trainer.checkpoint.StateTensor;
import io.freshet.trainer.checkpoint.TensorFile;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.EmbedderSpec.Kind;
import io.freshet.vision.model.HuggingFaceDirectory;
import io.freshet.vision.model.Preprocessing;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.weights.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Puts the files of a release together in a directory that nobody else sees: the teacher's backbone
 * in the Hugging Face layout and as ONNX, the training state, the model card.
 *
 * <p>Not thread-safe: the staging directory has one owner.
 */
public final class ReleaseExporter {
  static final String TEACHER_BACKBONE = "teacher.backbone.";

  private final ReleaseConfig config;
  private final VisionTransformerConfig backbone;
  private final Preprocessing preprocessing;
  private final Clock clock;

  /** A directory that is ready to publish, and what the registry is told about it. */
  public record Staged(Path dir, Release release) {}

  public ReleaseExporter(
      ReleaseConfig config,
      VisionTransformerConfig backbone,
      Preprocessing preprocessing,
      Clock clock) {
    this.config = config;
    this.backbone = backbone;
    this.preprocessing = preprocessing;
    this.clock = clock;
  }

  /**
   * Writes a release.
   *
   * @param parent the release that it continues, when there is one
   * @throws IllegalArgumentException when a tensor of the state is not finite: such a model is
   *     never released
   * @throws IOException when the disk refused; nothing was published
   */
  public Staged stage(ReleaseContent content, Optional<ModelVersion> parent) throws IOException {
    Path dir = config.stagingDir().resolve("release");
    clear(dir);
    Files.createDirectories(dir.resolve("onnx"));
    StateDict weights = teacherBackbone(content.snapshot());
    requireFinite(content.snapshot());
    HuggingFaceDirectory.write(dir, backbone, weights, preprocessing);
    Files.write(dir.resolve("onnx/model.onnx"), OnnxExport.export(backbone, weights).toByteArray());
    if (config.trainingState()) {
      writeTrainingState(dir.resolve("training_state"), content);
    }
    Release release = release(content, parent);
    ModelCard card =
        new ModelCard(config.model(), release, content.imagesByDataset(), clock.instant());
    Files.writeString(dir.resolve("MODEL_CARD.md"), card.markdown());
    return new Staged(dir, release);
  }

  /** The backbone that is released, under official names in the official order. */
  public StateDict teacherBackbone(StepSnapshot snapshot) {
    StateDict all = TensorFile.stateDict(snapshot.tensors());
    StateDict.Builder ordered = StateDict.builder();
    for (String name : backbone.parameterShapes().keySet()) {
      ordered.put(name, all.get(TEACHER_BACKBONE + name));
    }
    return ordered.build();
  }

  private static void requireFinite(StepSnapshot snapshot) {
    List<String> bad = StateTensor.notFinite(snapshot.tensors());
    if (!bad.isEmpty()) {
      throw new IllegalArgumentException(
          bad + " hold NaN or infinities; a state that isn't finite is not released");
    }
  }

  private static void writeTrainingState(Path dir, ReleaseContent content) throws IOException {
    Files.createDirectories(dir);
    Map<String, Map<String, StateTensor>> parts = new TreeMap<>();
    content
        .snapshot()
        .tensors()
        .forEach(
            (name, tensor) -> {
              String part =
                  name.startsWith("student.")
                      ? "student"
                      : name.startsWith("teacher.") ? "teacher" : "optimizer";
              parts.computeIfAbsent(part, key -> new TreeMap<>()).put(name, tensor);
            });
    Map<String, String> metadata =
        Map.of(
            "run_id", content.runId(),
            "step", Long.toString(content.snapshot().step()),
            "images_seen", Long.toString(content.snapshot().imagesSeen()));
    for (Map.Entry<String, Map<String, StateTensor>> part : parts.entrySet()) {
      new TensorFile(metadata, part.getValue()).write(dir.resolve(part.getKey() + ".safetensors"));
    }
  }

  private Release release(ReleaseContent content, Optional<ModelVersion> parent) {
    return new Release(
        architecture(),
        backbone.embedDim(),
        backbone.patchSize(),
        backbone.imageSize(),
        content.runId(),
        content.snapshot().step(),
        content.snapshot().imagesSeen(),
        content.offsets(),
        content.metrics(),
        parent.map(List::of).orElse(List.of()),
        embedding(),
        config.licence());
  }

  private Map<String, Object> embedding() {
    return new EmbedderSpec(Kind.VIT, HuggingFaceDirectory.WEIGHTS, "cls", preprocessing).toMap();
  }

  private String architecture() {
    return "vit_%d_%d_%d_p%d%s%s"
        .formatted(
            backbone.embedDim(),
            backbone.depth(),
            backbone.heads(),
            backbone.patchSize(),
            backbone.ffn() == VisionTransformerConfig.Ffn.SWIGLU ? "_swiglu" : "",
            backbone.registers() > 0 ? "_reg" + backbone.registers() : "");
  }

  /** Deletes what an earlier release or a crash left in the staging directory. */
  public void clear() throws IOException {
    clear(config.stagingDir());
  }

  private static void clear(Path dir) throws IOException {
    if (!Files.exists(dir)) {
      return;
    }
    try (Stream<Path> files = Files.walk(dir)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
