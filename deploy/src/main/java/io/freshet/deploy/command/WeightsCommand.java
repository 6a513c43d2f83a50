package io.freshet.deploy.command;

import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.vision.model.BackboneFile;
import io.freshet.vision.model.BackboneFile.Naming;
import io.freshet.vision.model.Preprocessing;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.model.VisionTransformerConfig.Ffn;
import io.freshet.vision.weights.StateDict;
import io.freshet.vision.weights.WeightTensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code freshet weights}: DINOv2 backbones to and from the files of others. */
@Command(
    name = "weights",
    description = {
      "Backbones in other programs' files: official .pth and training checkpoints, Hugging Face.",
      "Values are copied bit by bit; nothing that a file holds is executed."
    },
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      WeightsCommand.Show.class,
      WeightsCommand.Import.class,
      WeightsCommand.Export.class
    })
public final class WeightsCommand {

  /** What tensors don't tell. */
  private static final class HeadsOption {
    @Option(
        names = "--heads",
        paramLabel = "N",
        description =
            "Attention heads, which tensors don't tell; without config.json the default is heads of 64, as in all published models.")
    private Integer heads;

    OptionalInt heads() {
      return heads == null ? OptionalInt.empty() : OptionalInt.of(heads);
    }
  }

  private static void describe(PrintWriter out, BackboneFile backbone) {
    VisionTransformerConfig config = backbone.config();
    StateDict tensors = backbone.weights().backbone();
    out.printf("file          %s%n", backbone.file());
    out.printf(
        "format        %s, %s%n",
        switch (backbone.format()) {
          case PTH -> "torch.save archive";
          case SAFETENSORS -> "safetensors";
        },
        switch (backbone.naming()) {
          case OFFICIAL -> "official names";
          case CHECKPOINT -> "checkpoint of training, the teacher";
          case HUGGINGFACE -> "Hugging Face names";
        });
    out.printf(
        "architecture  ViT %d wide, %d blocks, %d heads, patch %d, %s %d, %s, %s%n",
        config.embedDim(),
        config.depth(),
        config.heads(),
        config.patchSize(),
        config.ffn() == Ffn.SWIGLU ? "SwiGLU" : "MLP",
        config.hiddenDim(),
        config.registers() == 0 ? "no registers" : config.registers() + " registers",
        config.layerScaleInit() > 0 ? "LayerScale" : "no LayerScale");
    out.printf(
        "known from    %s%n",
        backbone.configured()
            ? "config.json"
            : "the tensors' shapes; heads by --heads, else 64 wide");
    out.printf(
        "positions     %d x %d, learned at %d px, interpolated by %s%n",
        config.gridSize(),
        config.gridSize(),
        config.imageSize(),
        (config.interpolateOffset() > 0 ? "offset " + config.interpolateOffset() : "size")
            + (config.interpolateAntialias() ? ", antialiased" : ""));
    out.printf("backbone      %s%n", extent(tensors));
    backbone
        .weights()
        .heads()
        .forEach((name, head) -> out.printf("%-13s %s%n", name, extent(head)));
  }

  private static String extent(StateDict tensors) {
    long numbers = tensors.tensors().values().stream().mapToLong(WeightTensor::size).sum();
    long bytes = tensors.tensors().values().stream().mapToLong(t -> t.data().remaining()).sum();
    String types =
        tensors.tensors().values().stream()
            .map(tensor -> tensor.type().name())
            .distinct()
            .sorted()
            .collect(Collectors.joining(", "));
    return String.format(
        Locale.ROOT,
        "%,d parameters in %d tensors of %s, %,d bytes",
        numbers,
        tensors.size(),
        types,
        bytes);
  }

  /** {@code freshet weights show FILE}. */
  @Command(
      name = "show",
      description = "Show what a file of weights holds.",
      mixinStandardHelpOptions = true)
  static final class Show implements Callable<Integer> {
    @Mixin private HeadsOption heads;
    @Spec private CommandSpec spec;

    @Option(names = "--tensors", description = "List every tensor under its official name.")
    private boolean listed;

    @Parameters(paramLabel = "FILE|DIR")
    private Path source;

    @Override
    public Integer call() throws IOException {
      BackboneFile backbone = BackboneFile.read(source, heads.heads());
      PrintWriter out = spec.commandLine().getOut();
      describe(out, backbone);
      if (listed) {
        list(out, "", backbone.weights().backbone());
        backbone.weights().heads().forEach((name, head) -> list(out, name + ".", head));
      }
      out.flush();
      return 0;
    }

    private static void list(PrintWriter out, String prefix, StateDict tensors) {
      for (Map.Entry<String, WeightTensor> entry : tensors.tensors().entrySet()) {
        WeightTensor tensor = entry.getValue();
        out.printf("%-4s %-24s %s%n", tensor.type(), tensor.shape(), prefix + entry.getKey());
      }
    }
  }

  /** {@code freshet weights import FILE --to DIR}. */
  @Command(
      name = "import",
      description = {
        "Write a backbone as a Hugging Face directory, which all of Freshet and AutoModel open:",
        "model.safetensors, config.json, preprocessor_config.json. Heads of a training checkpoint are kept",
        "beside them as dino_head.safetensors and ibot_head.safetensors."
      },
      mixinStandardHelpOptions = true)
  static final class Import implements Callable<Integer> {
    @Mixin private HeadsOption heads;
    @Spec private CommandSpec spec;

    @Option(
        names = "--to",
        required = true,
        paramLabel = "DIR",
        description = "The directory to make; it doesn't exist.")
    private Path directory;

    @Option(
        names = "--resize",
        paramLabel = "PX",
        defaultValue = "256",
        description = "Shorter side before the centre crop; default: ${DEFAULT-VALUE}.")
    private int resize;

    @Option(
        names = "--crop",
        paramLabel = "PX",
        defaultValue = "224",
        description =
            "Side of what the model sees, a multiple of its patch; default: ${DEFAULT-VALUE}.")
    private int crop;

    @Parameters(paramLabel = "FILE|DIR")
    private Path source;

    @Override
    public Integer call() throws IOException {
      BackboneFile backbone = BackboneFile.read(source, heads.heads());
      int patch = backbone.config().patchSize();
      if (crop % patch != 0) {
        throw new IllegalArgumentException(
            "--crop %d is no multiple of the model's patch of %d; give --crop %d"
                .formatted(crop, patch, Math.max(1, crop / patch) * patch));
      }
      PrintWriter out = spec.commandLine().getOut();
      describe(out, backbone);
      try (StagedOutput output = StagedOutput.at(directory)) {
        Files.createDirectory(output.path());
        backbone.writeDirectory(output.path(), Preprocessing.imageNet(resize, crop));
        output.complete();
      }
      out.printf("written to    %s%n", directory);
      out.flush();
      return 0;
    }
  }

  /** {@code freshet weights export SOURCE --to FILE}. */
  @Command(
      name = "export",
      description = {
        "Write a backbone as a file for other programs.",
        "official: the names of the released files. checkpoint: {\"teacher\": ...} with the heads, as DINOv2's training",
        "writes it. huggingface: the names of Dinov2Model and Dinov2WithRegistersModel."
      },
      mixinStandardHelpOptions = true)
  static final class Export implements Callable<Integer> {
    @Mixin private ConfigOptions options;
    @Mixin private HeadsOption heads;
    @Spec private CommandSpec spec;

    @Option(
        names = "--format",
        required = true,
        paramLabel = "NAMES",
        description = "${COMPLETION-CANDIDATES}")
    private Naming naming;

    @Option(
        names = "--to",
        required = true,
        paramLabel = "FILE",
        description =
            "The file to make: .safetensors, or .pth, which torch.load(weights_only=True) reads.")
    private Path file;

    @Parameters(
        paramLabel = "DIR|FILE|VERSION|ALIAS",
        description = "Weights on disk, or a release: freshet@3, champion.")
    private String source;

    @Override
    public Integer call() throws IOException {
      BackboneFile backbone = BackboneFile.read(locate(), heads.heads());
      PrintWriter out = spec.commandLine().getOut();
      describe(out, backbone);
      if (naming == Naming.CHECKPOINT && backbone.weights().heads().isEmpty()) {
        out.println("heads         none beside the backbone; the checkpoint has none either");
      }
      try (StagedOutput output = StagedOutput.at(file)) {
        backbone.write(output.path(), naming);
        output.complete();
      }
      out.printf("written to    %s (%,d bytes)%n", file, Files.size(file));
      out.flush();
      return 0;
    }

    private Path locate() {
      Path path = Path.of(source);
      if (Files.exists(path)) {
        return path;
      }
      ModelRegistry registry =
          ModelRegistries.open(options.load().section("registry", RegistryConfig.class));
      return registry.open(
          registry
              .resolve(source)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "'%s' is no file or directory, and the registry has no such release; freshet models ls shows what it has"
                              .formatted(source))));
    }
  }
}
