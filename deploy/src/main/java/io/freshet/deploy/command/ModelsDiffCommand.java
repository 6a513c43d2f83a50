package io.freshet.deploy.command;

import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ReleaseCatalog;
import io.freshet.platform.registry.ReleaseFile;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code freshet models diff}. */
@Command(
    name = "diff",
    description = "Compare two releases: what they are, what was measured, which files differ.",
    mixinStandardHelpOptions = true)
final class ModelsDiffCommand implements Runnable {
  @Mixin private RegistryOptions options;
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "OLD")
  private String oldReference;

  @Parameters(index = "1", paramLabel = "NEW")
  private String newReference;

  private PrintWriter out;

  @Override
  public void run() {
    out = spec.commandLine().getOut();
    ReleaseCatalog catalog = options.catalog();
    Manifest before = catalog.manifest(RegistryOptions.resolve(catalog, oldReference));
    Manifest after = catalog.manifest(RegistryOptions.resolve(catalog, newReference));
    line("", before.id(), after.id(), "");
    field("architecture", before.architecture(), after.architecture());
    field("dim", before.dim(), after.dim());
    field("patch", before.patch(), after.patch());
    field("image_size", before.imageSize(), after.imageSize());
    field("run", before.runId(), after.runId());
    field("step", before.step(), after.step());
    field("images_seen", before.imagesSeen(), after.imagesSeen());
    field("parents", before.parents(), after.parents());
    field("embedding", before.embedding(), after.embedding());
    field("licence", before.licence(), after.licence());
    TreeSet<String> metrics = new TreeSet<>(before.metrics().keySet());
    metrics.addAll(after.metrics().keySet());
    metrics.forEach(name -> metric(name, before.metrics().get(name), after.metrics().get(name)));
    files(before.files(), after.files());
    out.flush();
  }

  private void field(String name, Object before, Object after) {
    if (!Objects.equals(before, after)) {
      line(name, before, after, "");
    }
  }

  private void metric(String name, Double before, Double after) {
    String change = before == null || after == null ? "" : "%+.4f".formatted(after - before);
    line(name, number(before), number(after), change);
  }

  private static String number(Double value) {
    return value == null ? "-" : "%.4f".formatted(value);
  }

  private void files(Map<String, ReleaseFile> before, Map<String, ReleaseFile> after) {
    TreeSet<String> paths = new TreeSet<>(before.keySet());
    paths.addAll(after.keySet());
    for (String path : paths) {
      ReleaseFile old = before.get(path);
      ReleaseFile now = after.get(path);
      if (!Objects.equals(old, now)) {
        line(path, size(old), size(now), "");
      }
    }
  }

  private static String size(ReleaseFile file) {
    return file == null ? "-" : "%,d bytes".formatted(file.size());
  }

  private void line(String name, Object before, Object after, String change) {
    out.println("%-36s %20s %20s  %s".formatted(name, before, after, change).stripTrailing());
  }
}
