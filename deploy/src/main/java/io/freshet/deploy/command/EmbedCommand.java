package io.freshet.deploy.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.image.ImageRejectedException;
import io.freshet.vision.image.RgbImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code freshet embed}: the vectors of images, as features carry them. */
@Command(
    name = "embed",
    description = {
      "Embed images with a release: one JSON object a line, with the image, the space and the vector.",
      "The vectors are those that features carry: of the same space, of length one."
    },
    mixinStandardHelpOptions = true)
public final class EmbedCommand implements Callable<Integer> {
  private static final int BATCH = 16;

  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "A release (freshet@3), an alias (champion), or the directory of a release.")
  private String model;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "IMAGE|DIR",
      description = "Image files; of a directory all files, by name.")
  private List<Path> images;

  @Option(
      names = "--onnx",
      description = "Compute the release's onnx/model.onnx with ONNX Runtime instead.")
  private boolean onnx;

  private final ImageFiles reader = new ImageFiles();
  private final ObjectMapper json = new ObjectMapper();
  private int refused;

  @Override
  public Integer call() throws IOException {
    try (ImageEmbedder embedder = ReleaseEmbedders.open(options, model, onnx)) {
      List<Path> files = ImageFiles.under(images);
      for (int from = 0; from < files.size(); from += BATCH) {
        embed(embedder, files.subList(from, Math.min(files.size(), from + BATCH)));
      }
    }
    return refused == 0 ? 0 : 1;
  }

  private void embed(ImageEmbedder embedder, List<Path> files) throws IOException {
    List<Path> readable = new ArrayList<>();
    List<RgbImage> pixels = new ArrayList<>();
    for (Path file : files) {
      try {
        pixels.add(reader.read(file));
        readable.add(file);
      } catch (ImageRejectedException e) {
        refused++;
        spec.commandLine().getErr().println("freshet: " + file + ": " + e.getMessage());
      }
    }
    if (readable.isEmpty()) {
      return;
    }
    float[][] vectors = embedder.embed(pixels);
    PrintWriter out = spec.commandLine().getOut();
    for (int i = 0; i < vectors.length; i++) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("image", readable.get(i).toString());
      line.put("space", embedder.space().id());
      line.put("vector", vectors[i]);
      out.println(json.writeValueAsString(line));
    }
    out.flush();
  }
}
