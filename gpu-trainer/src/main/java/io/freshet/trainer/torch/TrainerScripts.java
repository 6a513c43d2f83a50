package io.freshet.trainer.torch;

import io.freshet.vision.torch.Processor;
import io.freshet.vision.torch.ScriptSource;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.ArrayList;
import java.util.List;

/** The script files of the trainer and the library that they make with the vision transformer's. */
public final class TrainerScripts {

  private static final List<String> LOSSES =
      List.of(
          "dino_head.py",
          "dino_loss.py",
          "ibot_loss.py",
          "koleo_loss.py",
          "sinkhorn_knopp.py",
          "softmax_centering.py");

  private static final List<String> STEP =
      List.of(
          "block_gradients.py",
          "head_gradients.py",
          "teacher_targets.py",
          "student_losses.py",
          "training_step.py",
          "distillation_step.py",
          "update.py",
          "effective_rank.py",
          "collapse_probe.py");

  private static final List<String> PARALLEL = List.of("replica.py", "heads_step.py");

  private TrainerScripts() {}

  /** Heads, targets and losses, which know of no backbone. */
  public static List<ScriptSource> losses() {
    return ScriptSource.beside(TrainerScripts.class, LOSSES);
  }

  /** The file with the faster product of a weight's gradient. */
  private static String weightGradient(Processor processor) {
    return switch (processor) {
      case INTEL -> "weight_gradient_mkl.py";
      case OTHER -> "weight_gradient_onednn.py";
    };
  }

  /** Compiles the vision transformer and the trainer into one library, which the caller closes. */
  public static TorchScriptLibrary load(TorchRuntime runtime) {
    return load(runtime, Processor.ofThisMachine());
  }

  /** The library with the products that are the faster ones on {@code processor}. */
  public static TorchScriptLibrary load(TorchRuntime runtime, Processor processor) {
    List<ScriptSource> sources = new ArrayList<>(ScriptSource.visionTransformer());
    sources.addAll(losses());
    sources.addAll(ScriptSource.beside(TrainerScripts.class, STEP));
    sources.add(ScriptSource.beside(TrainerScripts.class, weightGradient(processor)));
    sources.addAll(ScriptSource.beside(TrainerScripts.class, PARALLEL));
    return TorchScriptLibrary.load(runtime, sources);
  }
}
