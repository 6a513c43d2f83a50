package io.freshet.deploy.bench;

import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchSettings;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** What benchmarks of jobs that embed have in common. */
final class JobOptions {
  @Option(
      names = "--preset",
      paramLabel = "NAME",
      defaultValue = "vits14",
      description = "The profile whose backbone embeds; default: ${DEFAULT-VALUE}.")
  String preset;

  @Option(
      names = "--size",
      paramLabel = "PX",
      defaultValue = "224",
      description = "Side that images are brought to; default: ${DEFAULT-VALUE}.")
  int size;

  @Option(names = "--threads", description = "Threads of libtorch; default: all cores.")
  int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description =
          "Where it works, in a directory of its own that is removed; default: temporary.")
  Path directory = Path.of(System.getProperty("java.io.tmpdir"));

  TorchRuntime start() {
    return TorchRuntime.start(TorchSettings.defaults().withThreads(threads));
  }

  Figures figures() {
    return new Figures()
        .put("preset", preset)
        .put("torch_threads", threads)
        .put("image_size_px", size);
  }
}
