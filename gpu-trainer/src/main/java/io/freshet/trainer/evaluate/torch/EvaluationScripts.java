package io.freshet.trainer.evaluate.torch;

import io.freshet.trainer.torch.TrainerScripts;
import io.freshet.vision.torch.ScriptSource;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.ArrayList;
import java.util.List;

/** The script files of the probes and the library that they make with the vision transformer's. */
public final class EvaluationScripts {

  private static final List<String> PROBES =
      List.of(
          "logistic_regression.py",
          "linear_probe.py",
          "segmentation_head.py",
          "depth_head.py",
          "feature_geometry.py");

  private static final List<String> ON_FEATURES =
      List.of("logistic_regression.py", "linear_probe.py", "feature_geometry.py");

  private static final List<String> OF_TRAINING = List.of("update.py", "effective_rank.py");

  private EvaluationScripts() {}

  /** Compiles the vision transformer and the probes into one library, which the caller closes. */
  public static TorchScriptLibrary load(TorchRuntime runtime) {
    List<ScriptSource> sources = new ArrayList<>(ScriptSource.visionTransformer());
    sources.addAll(ScriptSource.beside(TrainerScripts.class, OF_TRAINING));
    sources.addAll(ScriptSource.beside(EvaluationScripts.class, PROBES));
    return TorchScriptLibrary.load(runtime, sources);
  }

  /**
   * Compiles what works on features that were computed before, without any model; the caller closes
   * it.
   */
  public static TorchScriptLibrary loadFeatureProbes(TorchRuntime runtime) {
    return TorchScriptLibrary.load(
        runtime, ScriptSource.beside(EvaluationScripts.class, ON_FEATURES));
  }
}
