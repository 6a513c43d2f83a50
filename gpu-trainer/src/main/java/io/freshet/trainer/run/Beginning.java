package io.freshet.trainer.run;

import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.ReleaseDirectory;
import io.freshet.trainer.checkpoint.Checkpoint;
import io.freshet.trainer.checkpoint.CheckpointDirectory;
import io.freshet.trainer.release.Continuation;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides what a trainer starts with: its newest checkpoint, a release, or nothing. */
final class Beginning {
  private static final Logger LOG = LoggerFactory.getLogger(Beginning.class);
  private static final String LATEST = "latest";

  private final TrainerSettings settings;
  private final ModelRegistry registry;
  private final TorchScriptLibrary library;
  private final Clock clock;

  /** A release in a directory. */
  private record Found(Path dir, Optional<ModelVersion> version) {}

  Beginning(
      TrainerSettings settings, ModelRegistry registry, TorchScriptLibrary library, Clock clock) {
    this.settings = settings;
    this.registry = registry;
    this.library = library;
    this.clock = clock;
  }

  /**
   * @throws IllegalArgumentException when the release to go on from is not there or does not fit
   * @throws IllegalStateException when the checkpoints are of a run that began otherwise
   */
  RunState run(CheckpointDirectory directory) {
    Optional<Checkpoint> newest = directory.newest();
    long seed = settings.run().seed();
    Optional<String> from = settings.start().from();
    if (newest.isPresent() || from.isEmpty()) {
      RunState run = RunState.of(newest, seed, clock);
      from.ifPresent(reference -> requireSameOrigin(run, reference));
      return run;
    }
    return goOn(from.get(), seed);
  }

  private void requireSameOrigin(RunState run, String reference) {
    Optional<String> origin = run.origin().map(Origin::reference);
    if (!origin.equals(Optional.of(reference))) {
      throw new IllegalStateException(
          "%s holds %s, which began %s, not from %s; give the new run another state directory"
              .formatted(
                  settings.checkpoint().dir(),
                  run.runId(),
                  origin.map(name -> "from " + name).orElse("anew"),
                  reference));
    }
  }

  private RunState goOn(String reference, long seed) {
    Found found = find(reference);
    try {
      Continuation.Start start =
          new Continuation(library, settings.recipe(), seed).read(found.dir());
      long schedulesFrom =
          switch (settings.start().schedules()) {
            case RESTART -> 0;
            case CONTINUE -> start.releasedStep();
          };
      LOG.info(
          "a new run goes on from {}, released at step {}; its schedules start at step {}",
          found.version().map(ModelVersion::toString).orElse(found.dir().toString()),
          start.releasedStep(),
          schedulesFrom);
      Origin origin = new Origin(reference, found.version(), schedulesFrom);
      return RunState.from(origin, start.state(), seed, clock);
    } catch (IOException e) {
      throw new UncheckedIOException("trainer.start.from " + reference + " can't be read", e);
    }
  }

  private Found find(String reference) {
    Optional<ModelVersion> version =
        reference.equals(LATEST)
            ? registry.newestIntact(settings.release().model())
            : resolve(reference);
    if (version.isPresent()) {
      return new Found(registry.open(version.get()), version);
    }
    if (!isDirectory(reference)) {
      throw new IllegalArgumentException(
          "trainer.start.from is '%s': no release, alias or directory has that name; freshet models ls shows the releases"
              .formatted(reference));
    }
    return new Found(intact(Path.of(reference)), Optional.empty());
  }

  /** A release that was pulled is what was published; other directories are taken as they are. */
  private static Path intact(Path dir) {
    if (Files.isRegularFile(dir.resolve(Manifest.FILE))) {
      LOG.info("{} holds {}, whole", dir, ReleaseDirectory.verify(dir).id());
    }
    return dir;
  }

  private Optional<ModelVersion> resolve(String reference) {
    // A path is no name, and the registry refuses to look for one.
    return reference.contains("/") ? Optional.empty() : registry.resolve(reference);
  }

  private static boolean isDirectory(String reference) {
    try {
      return Files.isDirectory(Path.of(reference));
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
