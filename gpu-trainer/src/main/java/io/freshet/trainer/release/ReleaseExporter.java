package io.freshet.trainer.release;

import io.freshet.platform.registry.Release;
import io.freshet.platform.registry.ReleasedAdapter;
import io.freshet.platform.registry.ReleasedAdapter.Direction;
import io.freshet.trainer.branch.BranchedModel;
import io.freshet.trainer.checkpoint.StateTensor;
import io.freshet.trainer.checkpoint.TensorFile;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.vision.adapter.AdapterFile;
import io.freshet.vision.adapter.SpaceAdapter;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.EmbedderSpec.Kind;
import io.freshet.vision.embed.EmbeddingSpace;
import io.freshet.vision.model.HuggingFaceDirectory;
import io.freshet.vision.model.Preprocessing;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.weights.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Puts the files of a release together in a directory that nobody else sees: the teacher's backbone
 * in the Hugging Face layout and as ONNX, the training state, the model card.
 *
 * <p>Not thread-safe: the staging directory has one owner.
 */
public final class ReleaseExporter {
  static final String TRAINING_STATE = "training_state";
  static final String STUDENT = "student";
  static final String TEACHER = "teacher";
  static final String OPTIMIZER = "optimizer";

  private static final String TEACHER_BACKBONE = StepSnapshot.TEACHER + "backbone.";

  private final ReleaseConfig config;
  private final Preprocessing preprocessing;
  private final Clock clock;

  /** A directory that is ready to publish, and what the registry is told about it. */
  public record Staged(Path dir, Release release) {}

  public ReleaseExporter(ReleaseConfig config, Preprocessing preprocessing, Clock clock) {
    this.config = config;
    this.preprocessing = preprocessing;
    this.clock = clock;
  }

  /**
   * Writes a release into a directory of its model.
   *
   * @throws IllegalArgumentException when a tensor of the state is not finite: such a model is
   *     never released
   * @throws IOException when the disk refused; nothing was published
   */
  public Staged stage(ReleaseContent content) throws IOException {
    VisionTransformerConfig backbone = content.model().backbone();
    Path dir = config.stagingDir().resolve(content.model().model());
    clear(dir);
    Files.createDirectories(dir.resolve("onnx"));
    requireFinite(content.model().state());
    StateDict weights = teacherBackbone(content.model());
    HuggingFaceDirectory.write(dir, backbone, weights, preprocessing);
    Files.write(dir.resolve("onnx/model.onnx"), OnnxExport.export(backbone, weights).toByteArray());
    if (content.quantized().isPresent()) {
      Files.write(dir.resolve(QuantizedOnnx.FILE), content.quantized().get().model());
    }
    if (config.trainingState()) {
      writeTrainingState(dir.resolve(TRAINING_STATE), content);
    }
    Release release = release(content, writeAdapters(dir, content.adapters()));
    List<ReleasePictures.Picture> pictures = ReleasePictures.draw(dir, content.evidence());
    ModelCard card =
        new ModelCard(content, release, config.dataLicence(), pictures, clock.instant());
    Files.writeString(dir.resolve("MODEL_CARD.md"), card.markdown());
    return new Staged(dir, release);
  }

  /** The backbone that is released, under official names in the official order. */
  public static StateDict teacherBackbone(BranchedModel model) {
    StateDict all = TensorFile.stateDict(model.state().tensors());
    StateDict.Builder ordered = StateDict.builder();
    for (String name : model.backbone().parameterShapes().keySet()) {
      ordered.put(name, all.get(TEACHER_BACKBONE + name));
    }
    return ordered.build();
  }

  /**
   * @throws IllegalArgumentException when a tensor holds NaN or an infinity
   */
  public static void requireFinite(StepSnapshot snapshot) {
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
        .trainingState()
        .tensors()
        .forEach(
            (name, tensor) -> {
              String part =
                  name.startsWith(StepSnapshot.STUDENT)
                      ? STUDENT
                      : name.startsWith(StepSnapshot.TEACHER) ? TEACHER : OPTIMIZER;
              parts.computeIfAbsent(part, key -> new TreeMap<>()).put(name, tensor);
            });
    Map<String, String> metadata =
        Map.of(
            "run_id", content.runId(),
            "step", Long.toString(content.step()),
            "images_seen", Long.toString(content.trainingState().imagesSeen()));
    for (Map.Entry<String, Map<String, StateTensor>> part : parts.entrySet()) {
      new TensorFile(metadata, part.getValue()).write(dir.resolve(part.getKey() + ".safetensors"));
    }
  }

  private static List<ReleasedAdapter> writeAdapters(Path dir, List<SpaceAdapter> adapters)
      throws IOException {
    List<ReleasedAdapter> released = new ArrayList<>();
    if (!adapters.isEmpty()) {
      Files.createDirectories(dir.resolve("adapters"));
    }
    for (SpaceAdapter adapter : adapters) {
      boolean fromOther = adapter.toSpace().equals(ReleasedAdapter.OWN_SPACE);
      Direction direction = fromOther ? Direction.FROM_OTHER : Direction.TO_OTHER;
      String other = fromOther ? adapter.fromSpace() : adapter.toSpace();
      EmbeddingSpace space = EmbeddingSpace.parse(other);
      String file =
          "adapters/%s-%d.%s.%s.json"
              .formatted(
                  space.model(), space.version(), adapter.kind().text(), fromOther ? "from" : "to");
      AdapterFile.write(adapter, dir.resolve(file));
      released.add(
          new ReleasedAdapter(other, direction, adapter.kind().text(), file, adapter.recallAt10()));
    }
    return released;
  }

  private Release release(ReleaseContent content, List<ReleasedAdapter> adapters) {
    VisionTransformerConfig backbone = content.model().backbone();
    return new Release(
        architecture(backbone),
        backbone.embedDim(),
        backbone.patchSize(),
        backbone.imageSize(),
        content.runId(),
        content.step(),
        content.model().state().imagesSeen(),
        content.offsets(),
        content.metrics(),
        content.parents(),
        embedding(),
        config.licence(),
        adapters);
  }

  /** How a release is used, as its manifest says. */
  public Map<String, Object> embedding() {
    return new EmbedderSpec(Kind.VIT, HuggingFaceDirectory.WEIGHTS, "cls", preprocessing).toMap();
  }

  private static String architecture(VisionTransformerConfig backbone) {
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
