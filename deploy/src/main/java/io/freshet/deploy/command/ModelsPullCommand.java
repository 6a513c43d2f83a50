package io.freshet.deploy.command;

import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ReleaseCatalog;
import io.freshet.platform.registry.ReleaseFile;
import io.freshet.platform.registry.ReleasePull;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code freshet models pull}. */
@Command(
    name = "pull",
    description = "Copy a release into a directory, whole and verified, or not at all.",
    mixinStandardHelpOptions = true)
final class ModelsPullCommand implements Runnable {
  private static final long SHOW_EVERY_NANOS = 1_000_000_000;

  @Mixin private RegistryOptions options;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "VERSION|ALIAS")
  private String reference;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DIR",
      description = "Becomes the release; must not be there, or be this release already.")
  private Path to;

  @Override
  public void run() {
    ReleaseCatalog catalog = options.catalog();
    Manifest manifest = catalog.manifest(RegistryOptions.resolve(catalog, reference));
    long bytes = manifest.files().values().stream().mapToLong(ReleaseFile::size).sum();
    PrintWriter out = spec.commandLine().getOut();
    boolean copied =
        new ReleasePull(catalog, options.trustedKeys(), progress(out, bytes)).pull(manifest, to);
    out.printf(
        "%s %s %s: %d files, %,d bytes, each SHA-256 as published (manifest %s)%n",
        manifest.id(),
        copied ? "is in" : "was already in",
        to,
        manifest.files().size(),
        bytes,
        manifest.sha256());
    out.flush();
  }

  private static LongConsumer progress(PrintWriter out, long total) {
    long start = System.nanoTime();
    long[] state = {0, start};
    return count -> {
      state[0] += count;
      long now = System.nanoTime();
      if (now - state[1] >= SHOW_EVERY_NANOS) {
        state[1] = now;
        double perSecond = state[0] * 1e9 / (now - start);
        out.printf(
            "%3.0f %%  %,.1f MB/s  %,.0f s left%n",
            100.0 * state[0] / total, perSecond / 1e6, (total - state[0]) / perSecond);
        out.flush();
      }
    };
  }
}
