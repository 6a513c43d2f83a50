package io.freshet.deploy.command;

import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.registry.ReleaseDirectory;
import io.freshet.trainer.evaluate.dense.DenseDirectory;
import io.freshet.trainer.evaluate.dense.DenseDirectory.Kind;
import io.freshet.trainer.evaluate.dense.HeadTraining;
import io.freshet.trainer.evaluate.dense.ImageScales;
import io.freshet.trainer.evaluate.directory.LabelledDirectory;
import io.freshet.trainer.evaluate.directory.RetrievalDirectory;
import io.freshet.trainer.evaluate.measure.Classification;
import io.freshet.trainer.evaluate.measure.DenseMeasures;
import io.freshet.trainer.evaluate.measure.DirectoryEvaluation;
import io.freshet.trainer.evaluate.measure.DirectoryReport;
import io.freshet.trainer.evaluate.measure.InstanceRetrieval;
import io.freshet.trainer.evaluate.measure.MeasureOptions;
import io.freshet.trainer.evaluate.model.BackboneModel;
import io.freshet.trainer.evaluate.model.EvaluatedModel;
import io.freshet.trainer.evaluate.model.EvaluatedModels;
import io.freshet.trainer.evaluate.model.ModelOptions;
import io.freshet.trainer.evaluate.plot.ConfusionPicture;
import io.freshet.trainer.evaluate.plot.NeighbourPicture;
import io.freshet.trainer.evaluate.plot.PatchPicture;
import io.freshet.trainer.evaluate.plot.PrecisionRecallPicture;
import io.freshet.trainer.evaluate.plot.VersionPicture;
import io.freshet.trainer.evaluate.probe.LinearSweepConfig;
import io.freshet.trainer.evaluate.torch.EvaluationScripts;
import io.freshet.trainer.release.ReleasedVersions;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code freshet eval}: what a model is worth on a directory of images. */
@Command(
    name = "eval",
    description = {
      "Measure a model on labelled images: k-NN, linear probe, logistic regression, retrieval, and what needs no labels.",
      "The directory has one folder for each class, or labels.csv with the columns file,label[,split]; folders named",
      "train and val at the top, or the split column (train or test), say what is learned from and what is asked.",
      "retrieval.json beside the images asks for instances; images/ with masks/ or depth/ beside it measures pixels."
    },
    mixinStandardHelpOptions = true)
public final class EvalCommand implements Callable<Integer> {
  private static final String BUNDLED = "bootstrap";

  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "MODEL",
      description =
          "A release (freshet@3), an alias (champion), a Hugging Face directory, a file (.safetensors, .pth, .onnx, TorchScript), or bootstrap, the bundled MobileNetV2.")
  private String model;

  @Option(names = "--data", required = true, paramLabel = "DIR", description = "The images.")
  private Path data;

  @Option(
      names = "--labels",
      paramLabel = "CSV",
      description = "The labels; default: labels.csv in DIR if it is there, else folders.")
  private Optional<Path> labels = Optional.empty();

  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures to FILE.")
  private Optional<Path> json = Optional.empty();

  @Option(
      names = "--plots",
      paramLabel = "DIR",
      description =
          "Draw confusions.svg, precision-recall.svg, neighbours.png and, of a vision transformer, patches.png into DIR; of a release also versions.svg, what the registry holds of all versions.")
  private Optional<Path> plots = Optional.empty();

  @Option(
      names = "--corruptions",
      description =
          "Ask the queries again with noise, blur, JPEG, less contrast, brighter and grey.")
  private boolean corruptions;

  @Option(
      names = "--shifted",
      paramLabel = "DIR",
      description =
          "Ask the same probes with another directory, whose classes have the same names.")
  private Optional<Path> shifted = Optional.empty();

  @Option(
      names = "--max-images",
      paramLabel = "N",
      defaultValue = "20000",
      description = "Images used at most, drawn at random; default: ${DEFAULT-VALUE}.")
  private int maxImages;

  @Option(
      names = "--probe-steps",
      paramLabel = "N",
      defaultValue = "1250",
      description =
          "Steps of the linear probe; default: ${DEFAULT-VALUE}. DINOv2 takes 12,500 on ImageNet.")
  private int probeSteps;

  @Option(
      names = "--head-steps",
      paramLabel = "N",
      defaultValue = "500",
      description =
          "Steps of the segmentation and depth heads; default: ${DEFAULT-VALUE}. DINOv2 takes about 40,000.")
  private int headSteps;

  @Option(
      names = "--scales",
      paramLabel = "F",
      split = ",",
      defaultValue = "1,1.32,1.73,2.28,3",
      description =
          "Scales of the multi-scale segmentation, of the crop's side; default: ${DEFAULT-VALUE}, DINOv2's, 110 passes an image asked. 1 alone: none of it.")
  private List<Double> scales;

  @Option(
      names = "--seed",
      defaultValue = "0",
      description = "Of every random choice; default: ${DEFAULT-VALUE}.")
  private long seed;

  @ArgGroup(exclusive = false, heading = "What a model's files don't tell:%n")
  private Details details = new Details();

  /** Overrides of what is known of the model. */
  static final class Details {
    @Option(
        names = "--resize",
        paramLabel = "PX",
        description = "Shorter side before the centre crop.")
    private Integer resize;

    @Option(names = "--crop", paramLabel = "PX", description = "Side of what the model sees.")
    private Integer crop;

    @Option(
        names = "--output",
        paramLabel = "NAME",
        description = "Output of an ONNX model, key of a TorchScript model.")
    private String output;

    @Option(
        names = "--heads",
        paramLabel = "N",
        description = "Attention heads of weights without config.json; default: heads of 64.")
    private Integer heads;

    @Option(
        names = "--unnormalised",
        description = "Pixels of 0..1 go into an ONNX or TorchScript file as they are.")
    private boolean unnormalised;

    ModelOptions options() {
      return new ModelOptions(
          integer(resize),
          integer(crop),
          Optional.ofNullable(output),
          integer(heads),
          unnormalised,
          Runtime.getRuntime().availableProcessors());
    }

    private static OptionalInt integer(Integer value) {
      return value == null ? OptionalInt.empty() : OptionalInt.of(value);
    }
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    MeasureOptions measured =
        new MeasureOptions(
            maxImages,
            LinearSweepConfig.ofSteps(probeSteps),
            seed,
            corruptions,
            shifted.map(other -> LabelledDirectory.read(other, Optional.empty())));
    ImageScales imageScales = new ImageScales(scales);
    Optional<LabelledDirectory> labelled = labelled();
    TorchRuntime runtime =
        TorchRuntime.start(
            TorchSettings.defaults().withThreads(Runtime.getRuntime().availableProcessors()));
    CommandProgress progress = new CommandProgress(spec.commandLine().getErr());
    DirectoryReport report = new DirectoryReport();
    Optional<ModelRegistry> registry =
        Files.exists(Path.of(model)) ? Optional.empty() : Optional.of(registry());
    Optional<ModelVersion> release = registry.flatMap(known -> known.resolve(model));
    try (TorchScriptLibrary library = EvaluationScripts.load(runtime);
        EvaluatedModel opened =
            open(new EvaluatedModels(library, details.options()), registry, release)) {
      EvalReport printed = new EvalReport(opened, data, report);
      if (labelled.isPresent()) {
        new DirectoryEvaluation(library, opened, measured, progress).run(labelled.get(), report);
      }
      if (RetrievalDirectory.is(data)) {
        new InstanceRetrieval(opened, progress).run(RetrievalDirectory.read(data), report);
      }
      dense(library, opened, imageScales, measured, progress, report);
      progress.end();
      printed.print(out);
      if (json.isPresent()) {
        printed.write(json.get());
      }
      if (plots.isPresent()) {
        Files.createDirectories(plots.get());
        if (report.classification().isPresent()) {
          draw(opened, report.classification().get(), plots.get());
        }
        if (release.isPresent()) {
          VersionPicture.write(
              ReleasedVersions.of(registry.get(), release.get().name()),
              plots.get().resolve("versions.svg"));
        }
        out.printf("%npictures in %s%n", plots.get());
        out.flush();
      }
    }
    return 0;
  }

  /** The classes, unless the directory is laid out for something else alone. */
  private Optional<LabelledDirectory> labelled() {
    boolean otherwise =
        RetrievalDirectory.is(data)
            || Stream.of(Kind.values()).anyMatch(kind -> DenseDirectory.has(data, kind));
    return otherwise && labels.isEmpty() && !LabelledDirectory.isListed(data)
        ? Optional.empty()
        : Optional.of(LabelledDirectory.read(data, labels));
  }

  private void dense(
      TorchScriptLibrary library,
      EvaluatedModel opened,
      ImageScales imageScales,
      MeasureOptions measured,
      CommandProgress progress,
      DirectoryReport report) {
    for (Kind kind : Kind.values()) {
      if (DenseDirectory.has(data, kind)) {
        if (!(opened instanceof BackboneModel backbone)) {
          throw new IllegalArgumentException(
              "%s has maps of pixels, but %s gives no patch tokens; they need a vision transformer"
                  .formatted(data, opened.description()));
        }
        new DenseMeasures(
                library, backbone, HeadTraining.ofSteps(headSteps), imageScales, measured, progress)
            .run(data, kind, report);
      }
    }
  }

  private static void draw(EvaluatedModel opened, Classification classification, Path directory)
      throws IOException {
    ConfusionPicture.write(classification, directory.resolve("confusions.svg"));
    PrecisionRecallPicture.write(classification, directory.resolve("precision-recall.svg"));
    NeighbourPicture.write(classification.queries(), directory.resolve("neighbours.png"));
    if (opened instanceof BackboneModel backbone) {
      PatchPicture.write(
          backbone,
          classification.queries().stream().map(Classification.Neighbours::query).toList(),
          directory.resolve("patches.png"));
    }
  }

  private ModelRegistry registry() {
    return ModelRegistries.open(options.load().section("registry", RegistryConfig.class));
  }

  /**
   * @param registry empty when the model is a path
   */
  private EvaluatedModel open(
      EvaluatedModels models, Optional<ModelRegistry> registry, Optional<ModelVersion> release) {
    if (registry.isEmpty()) {
      Path path = Path.of(model);
      return Files.isRegularFile(path.resolve(Manifest.FILE))
          ? models.release(ReleaseDirectory.verify(path), path)
          : models.open(path);
    }
    if (release.isPresent()) {
      return models.release(
          registry.get().manifest(release.get()), registry.get().open(release.get()));
    }
    if (model.equals(BUNDLED)) {
      return models.bootstrap();
    }
    throw new IllegalArgumentException(
        "'%s' is no file or directory, and the registry has no such release; freshet models ls shows what it has"
            .formatted(model));
  }
}
