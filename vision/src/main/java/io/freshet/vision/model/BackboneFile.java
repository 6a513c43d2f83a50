package io.freshet.vision.model;

import com.fasterxml.jackson.core.JacksonException;
import io.freshet.vision.weights.HuggingFaceDinov2;
import io.freshet.vision.weights.PthWriter;
import io.freshet.vision.weights.Safetensors;
import io.freshet.vision.weights.StateDict;
import io.freshet.vision.weights.TrainingCheckpoint;
import io.freshet.vision.weights.WeightsFile;
import io.freshet.vision.weights.WeightsFile.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A backbone in any of the forms in which DINOv2's are passed on: official files, checkpoints of
 * training, Hugging Face's files and directories. Weights are copied bit by bit, in both
 * directions.
 *
 * @param file that holds the weights
 * @param format of the file
 * @param naming of its tensors
 * @param config architecture
 * @param configured whether {@code config.json} told the architecture; else the tensors' shapes did
 * @param weights the backbone, and the heads that came with it, as training names them; slices of
 *     the mapped file, which must not change meanwhile
 */
public record BackboneFile(
    Path file,
    Format format,
    Naming naming,
    VisionTransformerConfig config,
    boolean configured,
    TrainingCheckpoint weights) {

  /** Whose names tensors have. */
  public enum Naming {
    /** The released backbones' of DINOv2. */
    OFFICIAL,
    /** DINOv2's training: backbone and heads of the teacher. */
    CHECKPOINT,
    /** {@code Dinov2Model}'s and {@code Dinov2WithRegistersModel}'s. */
    HUGGINGFACE
  }

  private static final String TEACHER = "teacher";
  private static final Map<String, String> METADATA = Map.of("format", "pt");
  private static final Path RELEASED_TEACHER = Path.of("training_state", "teacher.safetensors");

  /**
   * Reads a file, or a directory in Hugging Face's layout, such as a release.
   *
   * @param heads attention heads, where the file doesn't tell; empty = heads of 64
   * @throws io.freshet.vision.weights.MalformedWeightsException naming the file and its defect
   * @throws IllegalArgumentException naming the file, and what of it is no DINOv2 backbone
   */
  public static BackboneFile read(Path path, OptionalInt heads) throws IOException {
    Path file = Files.isDirectory(path) ? path.resolve(HuggingFaceDirectory.WEIGHTS) : path;
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          file
              + " is no file; give a .pth or .safetensors file, or a directory that holds "
              + HuggingFaceDirectory.WEIGHTS);
    }
    WeightsFile contents = WeightsFile.read(file);
    try {
      return of(file, contents, heads);
    } catch (IllegalArgumentException | JacksonException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  private static BackboneFile of(Path file, WeightsFile contents, OptionalInt heads)
      throws IOException {
    StateDict tensors = contents.tensors();
    if (!HuggingFaceDinov2.isHuggingFace(tensors)) {
      TrainingCheckpoint weights = TrainingCheckpoint.of(tensors);
      return new BackboneFile(
          file,
          contents.format(),
          tensors.has("cls_token") ? Naming.OFFICIAL : Naming.CHECKPOINT,
          TensorArchitecture.of(weights.backbone(), heads),
          false,
          weights);
    }
    StateDict backbone = HuggingFaceDinov2.toOfficial(tensors);
    Path dir = file.toAbsolutePath().getParent();
    boolean configured = Files.exists(dir.resolve(HuggingFaceDirectory.CONFIG));
    return new BackboneFile(
        file,
        contents.format(),
        Naming.HUGGINGFACE,
        configured ? configured(dir, backbone, heads) : TensorArchitecture.of(backbone, heads),
        configured,
        new TrainingCheckpoint(backbone, headsBeside(dir)));
  }

  private static VisionTransformerConfig configured(Path dir, StateDict backbone, OptionalInt heads)
      throws IOException {
    VisionTransformerConfig config = HuggingFaceDirectory.config(dir);
    if (heads.isPresent() && heads.getAsInt() != config.heads()) {
      throw new IllegalArgumentException(
          "config.json beside it says %d heads, not %d; leave --heads away"
              .formatted(config.heads(), heads.getAsInt()));
    }
    config.requireParameters(backbone);
    return config;
  }

  private static Map<String, StateDict> headsBeside(Path dir) throws IOException {
    if (Files.isRegularFile(dir.resolve(RELEASED_TEACHER))) {
      return TrainingCheckpoint.of(WeightsFile.read(dir.resolve(RELEASED_TEACHER)).tensors())
          .heads();
    }
    Map<String, StateDict> heads = new LinkedHashMap<>();
    for (String head : TrainingCheckpoint.HEADS) {
      Path file = dir.resolve(headFile(head));
      if (Files.isRegularFile(file)) {
        heads.put(head, WeightsFile.read(file).tensors());
      }
    }
    return heads;
  }

  private static String headFile(String head) {
    return head + ".safetensors";
  }

  /**
   * Writes the files of a Hugging Face directory into {@code dir}, which exists and holds none of
   * them, and beside them each head as {@code dino_head.safetensors}, {@code
   * ibot_head.safetensors}. A model without LayerScale gets factors of one, which that layout
   * requires.
   */
  public void writeDirectory(Path dir, Preprocessing preprocessing) throws IOException {
    HuggingFaceDirectory.write(dir, config, weights.backbone(), preprocessing);
    for (Map.Entry<String, StateDict> head : weights.heads().entrySet()) {
      Safetensors.write(dir.resolve(headFile(head.getKey())), head.getValue(), METADATA);
    }
  }

  /**
   * Writes a new file whose name tells its format: {@code .safetensors}, or {@code .pth}, {@code
   * .pt} or {@code .bin} for the archive of {@code torch.save}. Heads travel only in a checkpoint.
   */
  public void write(Path target, Naming as) throws IOException {
    Format into = formatOf(target);
    switch (as) {
      case OFFICIAL -> write(target, into, weights.backbone());
      case HUGGINGFACE -> write(target, into, HuggingFaceDinov2.toHuggingFace(weights.backbone()));
      case CHECKPOINT -> writeCheckpoint(target, into);
    }
  }

  private void writeCheckpoint(Path target, Format into) throws IOException {
    switch (into) {
      case PTH -> PthWriter.write(target, TEACHER, weights.tensors());
      case SAFETENSORS -> {
        StateDict.Builder named = StateDict.builder();
        weights
            .tensors()
            .tensors()
            .forEach((name, tensor) -> named.put(TEACHER + "." + name, tensor));
        Safetensors.write(target, named.build(), METADATA);
      }
    }
  }

  private static void write(Path target, Format into, StateDict tensors) throws IOException {
    switch (into) {
      case PTH -> PthWriter.write(target, tensors);
      case SAFETENSORS -> Safetensors.write(target, tensors, METADATA);
    }
  }

  private static Format formatOf(Path target) {
    String name = target.getFileName().toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".safetensors")) {
      return Format.SAFETENSORS;
    }
    if (name.endsWith(".pth") || name.endsWith(".pt") || name.endsWith(".bin")) {
      return Format.PTH;
    }
    throw new IllegalArgumentException(
        target + " doesn't tell its format; name it .safetensors or .pth");
  }
}
