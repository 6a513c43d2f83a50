package io.freshet.trainer.release;

import io.freshet.trainer.branch.PositionGrid;
import io.freshet.trainer.checkpoint.StateTensor;
import io.freshet.trainer.step.InitialParameters;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.vision.model.HuggingFaceDirectory;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.weights.HuggingFaceDinov2;
import io.freshet.vision.weights.Safetensors;
import io.freshet.vision.weights.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the state that a release carries, so that a run can go on from it. A release without {@code
 * training_state/}, such as published weights that were imported, gives its backbone to student and
 * teacher; heads and optimizer then begin anew. Position embeddings of another grid are resampled.
 */
public final class Continuation {
  private static final Logger LOG = LoggerFactory.getLogger(Continuation.class);
  private static final String BACKBONE = "backbone.";

  private final TorchScriptLibrary library;
  private final TrainingConfig recipe;
  private final long seed;

  /**
   * A state at step 0 and the step of the run that it was released at.
   *
   * @param releasedStep 0 when the release does not say
   */
  public record Start(StepSnapshot state, long releasedStep) {}

  /**
   * @param library the trainer's scripts; stays the caller's
   * @param recipe of the run that goes on
   * @param seed of heads that are drawn anew
   */
  public Continuation(TorchScriptLibrary library, TrainingConfig recipe, long seed) {
    this.library = library;
    this.recipe = recipe;
    this.seed = seed;
  }

  /**
   * @param release a directory in the layout of a release
   * @throws IllegalArgumentException when it holds another architecture than the recipe, naming
   *     every key that differs, or numbers that are not finite
   * @throws IOException when it can't be read
   */
  public Start read(Path release) throws IOException {
    requireSameModel(release);
    Path state = release.resolve(ReleaseExporter.TRAINING_STATE);
    Start start = Files.isDirectory(state) ? whole(state) : backboneAlone(release);
    start.state().tensors().forEach((name, value) -> requireFinite(release, name, value));
    return start;
  }

  private void requireSameModel(Path release) throws IOException {
    VisionTransformerConfig theirs = HuggingFaceDirectory.config(release);
    VisionTransformerConfig ours = recipe.backbone();
    Differences differences = new Differences("trainer.recipe.model.");
    differences.compare("patch_size", theirs.patchSize(), ours.patchSize());
    differences.compare("embed_dim", theirs.embedDim(), ours.embedDim());
    differences.compare("depth", theirs.depth(), ours.depth());
    differences.compare("heads", theirs.heads(), ours.heads());
    differences.compare("ffn", theirs.ffn(), ours.ffn());
    differences.compare("registers", theirs.registers(), ours.registers());
    differences.refuse(release);
  }

  private Start whole(Path dir) throws IOException {
    Map<String, StateTensor> tensors = new TreeMap<>();
    Safetensors.Contents teacher = Safetensors.open(file(dir, ReleaseExporter.TEACHER));
    add(teacher.tensors(), tensors);
    add(Safetensors.read(file(dir, ReleaseExporter.STUDENT)), tensors);
    add(Safetensors.read(file(dir, ReleaseExporter.OPTIMIZER)), tensors);
    StepSnapshot released = new StepSnapshot(0, 0, tensors);
    StepSnapshot expected = fresh(InitialParameters.draw(recipe, seed));
    Map<String, StateTensor> fitting = new TreeMap<>();
    Differences differences = new Differences("");
    expected
        .tensors()
        .forEach(
            (name, like) -> {
              StateTensor value = tensors.get(name);
              if (value != null && name.endsWith(PositionGrid.PARAMETER)) {
                value = onGrid(name, value);
              }
              differences.compare(name, value == null ? "missing" : value.shape(), like.shape());
              fitting.put(name, value == null ? like : value);
            });
    for (String name : tensors.keySet()) {
      if (!expected.tensors().containsKey(name)) {
        differences.compare(name, tensors.get(name).shape(), "absent");
      }
    }
    differences.refuse(dir);
    long step = Long.parseLong(teacher.metadata().getOrDefault("step", "0"));
    return new Start(released.with(fitting), step);
  }

  /** Squares of gradients stay positive only when they begin anew. */
  private StateTensor onGrid(String name, StateTensor value) {
    StateTensor resampled = new PositionGrid(library).resample(value, recipe.backbone());
    boolean moment =
        name.startsWith(StepSnapshot.EXP_AVG) || name.startsWith(StepSnapshot.EXP_AVG_SQ);
    if (!moment || resampled.shape().equals(value.shape())) {
      return resampled;
    }
    return StateTensor.of(new float[resampled.data().remaining() / Float.BYTES], resampled.dims());
  }

  private Start backboneAlone(Path release) throws IOException {
    LOG.warn(
        "{} has no {}: student and teacher begin with its backbone, heads and optimizer anew",
        release,
        ReleaseExporter.TRAINING_STATE);
    StateDict weights =
        HuggingFaceDinov2.toOfficial(
            Safetensors.read(release.resolve(HuggingFaceDirectory.WEIGHTS)));
    Map<String, StateTensor> parameters = new TreeMap<>(InitialParameters.draw(recipe, seed));
    Differences differences = new Differences("");
    recipe
        .backbone()
        .parameterShapes()
        .forEach(
            (name, shape) -> {
              StateTensor value =
                  StateTensor.of(weights.get(name).toFloats(), weights.get(name).dims());
              if (name.equals("pos_embed")) {
                value = new PositionGrid(library).resample(value, recipe.backbone());
              }
              differences.compare(name, value.shape(), StateTensor.boxed(shape.getShape()));
              parameters.put(BACKBONE + name, value);
            });
    for (String name : weights.names()) {
      if (!recipe.backbone().parameterShapes().containsKey(name)) {
        differences.compare(name, weights.get(name).shape(), "absent");
      }
    }
    differences.refuse(release);
    return new Start(fresh(parameters), 0);
  }

  private StepSnapshot fresh(Map<String, StateTensor> parameters) {
    int dino = recipe.losses().dino().head().prototypes();
    int ibot = recipe.losses().patchPrototypes();
    return StepSnapshot.begin(
        0,
        parameters,
        parameters,
        StateTensor.of(new float[dino], 1, dino),
        StateTensor.of(new float[ibot], 1, ibot));
  }

  private static Path file(Path dir, String part) {
    return dir.resolve(part + ".safetensors");
  }

  private static void add(StateDict file, Map<String, StateTensor> tensors) {
    file.tensors()
        .forEach(
            (name, value) -> tensors.put(name, StateTensor.of(value.toFloats(), value.dims())));
  }

  private static void requireFinite(Path release, String name, StateTensor value) {
    for (float element : value.floats()) {
      if (!Float.isFinite(element)) {
        throw new IllegalArgumentException(
            "%s of %s holds %s; nothing can go on from it".formatted(name, release, element));
      }
    }
  }

  /** Collects what differs, to name all of it at once. */
  private static final class Differences {
    private final String prefix;
    private final List<String> found = new ArrayList<>();

    Differences(String prefix) {
      this.prefix = prefix;
    }

    void compare(String key, Object theirs, Object ours) {
      if (!theirs.equals(ours)) {
        found.add("%s%s is %s there, %s here".formatted(prefix, key, theirs, ours));
      }
    }

    void refuse(Path release) {
      if (!found.isEmpty()) {
        throw new IllegalArgumentException(
            "a run with this recipe can't go on from %s: %s"
                .formatted(release, String.join("; ", found)));
      }
    }
  }
}
