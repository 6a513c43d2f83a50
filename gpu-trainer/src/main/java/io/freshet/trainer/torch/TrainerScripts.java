package io.freshet.trainer.torch;

import io.freshet.vision.torch.Processor;
import io.freshet.vision.torch.ScriptSource;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The script files of the trainer and the library that they make with the vision transformer's. */
public final class TrainerScripts {

  private static final Logger LOG = LoggerFactory.getLogger(TrainerScripts.class);

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
      case INTEL_AMX, INTEL -> "weight_gradient_mkl.py";
      case OTHER -> "weight_gradient_onednn.py";
    };
  }

  /** The file that says which parameters are computed with. */
  private static String precision(Precision precision) {
    return switch (precision) {
      case AUTO -> throw new IllegalArgumentException("the precision is to be resolved before");
      case FP32 -> "precision_fp32.py";
      case BF16 -> "precision_bf16.py";
    };
  }

  /** The library in float32, with the products that are the faster ones on this machine. */
  public static TorchScriptLibrary load(TorchRuntime runtime) {
    return load(runtime, Precision.FP32);
  }

  /** The library for this machine. */
  public static TorchScriptLibrary load(TorchRuntime runtime, Precision precision) {
    Processor processor = Processor.ofThisMachine();
    Precision resolved = precision.on(runtime.device(), processor);
    LOG.info("the blocks' products are made in {} ({}, {})", resolved, precision, processor);
    return load(runtime, resolved, processor);
  }

  /**
   * Compiles the vision transformer and the trainer into one library, which the caller closes.
   *
   * @param precision of the blocks' products, resolved
   * @param processor whose faster products are taken
   */
  public static TorchScriptLibrary load(
      TorchRuntime runtime, Precision precision, Processor processor) {
    List<ScriptSource> sources = new ArrayList<>(ScriptSource.visionTransformer());
    sources.addAll(losses());
    sources.addAll(ScriptSource.beside(TrainerScripts.class, STEP));
    sources.add(ScriptSource.beside(TrainerScripts.class, weightGradient(processor)));
    sources.add(ScriptSource.beside(TrainerScripts.class, precision(precision)));
    sources.addAll(ScriptSource.beside(TrainerScripts.class, PARALLEL));
    return TorchScriptLibrary.load(runtime, sources);
  }
}
