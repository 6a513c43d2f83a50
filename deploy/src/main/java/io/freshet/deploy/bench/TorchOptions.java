package io.freshet.deploy.bench;

import io.freshet.trainer.torch.Precision;
import io.freshet.trainer.torch.TrainerScripts;
import io.freshet.vision.torch.Processor;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchSettings;
import java.util.Locale;
import picocli.CommandLine.Option;

/** How the measurements of training compute. */
final class TorchOptions {
  @Option(
      names = "--threads",
      paramLabel = "COUNT",
      description = "Threads of libtorch; default: all cores, or one each where several train.")
  private int threads;

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      description = "Of the blocks' products: ${COMPLETION-CANDIDATES}; default: AUTO.")
  private Precision precision = Precision.AUTO;

  private TorchOptions(int threads) {
    this.threads = threads;
  }

  static TorchOptions allCores() {
    return new TorchOptions(Runtime.getRuntime().availableProcessors());
  }

  static TorchOptions oneThread() {
    return new TorchOptions(1);
  }

  TorchRuntime start() {
    return TorchRuntime.start(TorchSettings.defaults().withThreads(threads));
  }

  /** The trainer's scripts; the caller closes them. */
  TorchScriptLibrary scripts(TorchRuntime runtime) {
    return TrainerScripts.load(runtime, precision);
  }

  /** The figures that say how was computed. */
  Figures put(Figures figures, TorchRuntime runtime) {
    Precision computed = precision.on(runtime.device(), Processor.ofThisMachine());
    return figures
        .put("device", runtime.device().toString())
        .put("torch_threads", threads)
        .put("precision", computed.name().toLowerCase(Locale.ROOT));
  }
}
