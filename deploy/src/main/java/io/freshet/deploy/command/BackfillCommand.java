package io.freshet.deploy.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.freshet.deploy.backfill.BackfillNeed;
import io.freshet.deploy.backfill.BackfillStatus;
import io.freshet.deploy.backfill.EmbeddingRate;
import io.freshet.deploy.backfill.StoredBuckets;
import io.freshet.deploy.node.TopicWriter;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.config.Config;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.schemas.BackfillOrder;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Topics;
import io.freshet.sink.feature.FeatureConfig;
import io.freshet.sink.feature.PatchPublication;
import io.freshet.vision.embed.ImageEmbedder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code freshet backfill}: features of stored images in the champion's space. */
@Command(
    name = "backfill",
    description = {
      "Have the feature job embed the stored images that lack a feature in the champion's space: the newest",
      "first, after what comes live. Where it is is kept in the job's checkpoints."
    },
    subcommands = {
      BackfillCommand.Plan.class,
      BackfillCommand.Start.class,
      BackfillCommand.Pause.class,
      BackfillCommand.Resume.class,
      BackfillCommand.Status.class
    },
    mixinStandardHelpOptions = true)
public final class BackfillCommand implements Runnable {
  private static final long SEED = 1;
  private static final Duration LOOK = Duration.ofSeconds(2);

  @Spec private CommandSpec spec;

  /** Without a subcommand it tells which there are. */
  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** What all of them need. */
  abstract static class Action implements Callable<Integer> {
    @Mixin private ConfigOptions options;
    @Spec private CommandSpec spec;
    private Config config;

    final ConfigOptions options() {
      return options;
    }

    final PrintWriter out() {
      return spec.commandLine().getOut();
    }

    final void say(String format, Object... arguments) {
      out().printf(Locale.ROOT, format, arguments);
      out().flush();
    }

    final Config config() {
      if (config == null) {
        config = options.load();
      }
      return config;
    }

    final KafkaConfig kafka() {
      return config().section("kafka", KafkaConfig.class);
    }

    final BackfillOrder newestOrder() {
      return BackfillStatus.newestOrder(kafka()).orElseThrow(Action::neverStarted);
    }

    static IllegalArgumentException neverStarted() {
      return new IllegalArgumentException(
          "no backfill was ever started; freshet backfill start does");
    }

    static void requireRate(double imagesPerSecond) {
      if (!(imagesPerSecond >= 0 && Double.isFinite(imagesPerSecond))) {
        throw new IllegalArgumentException(
            "--images-per-second must be 0 or more, not " + imagesPerSecond);
      }
    }

    final void order(BackfillOrder order) {
      try (TopicWriter<BackfillOrder> topic = new TopicWriter<>(kafka(), Topics.FEATURE_BACKFILL)) {
        topic.write(order);
      }
    }
  }

  /** Counts and measures. */
  abstract static class Estimating extends Action {
    @Option(
        names = "--images-per-second",
        paramLabel = "N",
        defaultValue = "0",
        description = "No more than so many; 0, the default: as fast as it goes.")
    private double limit;

    @Option(
        names = "--sample",
        paramLabel = "N",
        defaultValue = "96",
        description = "Stored images that the speed is measured on; default: ${DEFAULT-VALUE}.")
    private int sample;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the figures to FILE.")
    private Optional<Path> json = Optional.empty();

    final double limit() {
      return limit;
    }

    /** Prints what it will cost; returns the release it is for. */
    final ModelVersion estimate() throws IOException {
      requireRate(limit);
      if (sample < 1) {
        throw new IllegalArgumentException("--sample must be at least 1, not " + sample);
      }
      ModelVersion champion =
          RegistryOptions.resolve(
              ModelRegistries.open(config().section("registry", RegistryConfig.class)), "champion");
      try (ImageEmbedder embedder = ReleaseEmbedders.open(options(), champion.toString(), false)) {
        String space = embedder.space().id();
        FeatureConfig features = config().section("features", FeatureConfig.class);
        Optional<String> patchSpace =
            new PatchPublication(features.patches())
                .of(embedder)
                .map(patches -> patches.patchSpace().id());
        BackfillNeed need = BackfillNeed.read(kafka(), space, patchSpace);
        List<BlobRef> some = new ArrayList<>(need.missing());
        Collections.shuffle(some, new Random(SEED));
        EmbeddingRate rate =
            EmbeddingRate.measure(
                BlobStores.open(config().section("blobs", BlobConfig.class)),
                embedder,
                some.subList(0, Math.min(sample, some.size())),
                features.batchImages());
        report(space, need, rate);
      }
      return champion;
    }

    private void report(String space, BackfillNeed need, EmbeddingRate rate) throws IOException {
      long images = need.missing().size();
      double perSecond =
          limit == 0 ? rate.imagesPerSecond() : Math.min(limit, rate.imagesPerSecond());
      double seconds = perSecond == 0 ? 0 : images / perSecond;
      say(
          "%s: %,d stored images lack a feature%s, %,d have it, %,d were withdrawn%n",
          space,
          images,
          need.patchesOnly() == 0
              ? ""
              : ", %,d of them those of patches only".formatted(need.patchesOnly()),
          need.present(),
          need.withdrawn());
      if (images > 0) {
        say(
            "cost: %,d images, %,.1f MB to read, %.1f images/s here alone (measured on %d)%s: %s%n",
            images,
            need.missingBytes() / 1e6,
            rate.imagesPerSecond(),
            rate.images(),
            limit == 0 ? "" : ", limited to %.1f/s".formatted(limit),
            time(seconds));
      }
      if (json.isPresent()) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("space", space);
        figures.put("missing_images", images);
        figures.put("missing_bytes", need.missingBytes());
        figures.put("missing_patches_only_images", need.patchesOnly());
        figures.put("present_images", need.present());
        figures.put("withdrawn_images", need.withdrawn());
        figures.put("measured_images", rate.images());
        figures.put("images_per_s", rate.imagesPerSecond());
        figures.put("limit_images_per_s", limit);
        figures.put("estimated_s", seconds);
        new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .writeValue(json.get().toFile(), figures);
      }
    }
  }

  /** {@code freshet backfill plan}. */
  @Command(
      name = "plan",
      description = "Tell what it would cost, and start nothing.",
      mixinStandardHelpOptions = true)
  static final class Plan extends Estimating {
    @Override
    public Integer call() throws IOException {
      estimate();
      return 0;
    }
  }

  /** {@code freshet backfill start}. */
  @Command(
      name = "start",
      description = "Tell what it will cost, and start. What has the feature is passed over.",
      mixinStandardHelpOptions = true)
  static final class Start extends Estimating {
    @Override
    public Integer call() throws IOException {
      ModelVersion champion = estimate();
      // The topic keeps microseconds.
      Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
      order(new BackfillOrder(champion.toString(), true, limit(), now));
      say("started for %s; freshet backfill status --watch shows how far it is%n", champion);
      return 0;
    }
  }

  /** {@code freshet backfill pause}. */
  @Command(
      name = "pause",
      description = "Stop after the batches that are being embedded.",
      mixinStandardHelpOptions = true)
  static final class Pause extends Action {
    @Override
    public Integer call() {
      BackfillOrder order = newestOrder();
      order(BackfillOrder.newBuilder(order).setRunning(false).build());
      say("paused for %s%n", order.getModel());
      return 0;
    }
  }

  /** {@code freshet backfill resume}. */
  @Command(
      name = "resume",
      description = "Go on where it was paused.",
      mixinStandardHelpOptions = true)
  static final class Resume extends Action {
    @Option(
        names = "--images-per-second",
        paramLabel = "N",
        description = "Another limit than before; 0: as fast as it goes.")
    private Optional<Double> limit = Optional.empty();

    @Override
    public Integer call() {
      BackfillOrder order = newestOrder();
      double rate = limit.orElse(order.getImagesPerSecond());
      requireRate(rate);
      order(BackfillOrder.newBuilder(order).setRunning(true).setImagesPerSecond(rate).build());
      say("going on for %s%n", order.getModel());
      return 0;
    }
  }

  /** {@code freshet backfill status}. */
  @Command(name = "status", description = "Tell how far it is.", mixinStandardHelpOptions = true)
  static final class Status extends Action {
    @Option(names = "--watch", description = "Look again every two seconds until it has ended.")
    private boolean watch;

    @Override
    public Integer call() throws InterruptedException {
      Optional<BackfillStatus> before = Optional.empty();
      StoredBuckets buckets =
          new StoredBuckets(kafka(), config().section("features", FeatureConfig.class));
      while (true) {
        BackfillStatus now = BackfillStatus.read(kafka()).orElseThrow(Action::neverStarted);
        boolean ended = buckets.ended(now);
        say("%s%n", line(now, before, ended));
        if (!watch || ended) {
          return 0;
        }
        before = Optional.of(now);
        Thread.sleep(LOOK.toMillis());
      }
    }
  }

  static String line(BackfillStatus now, Optional<BackfillStatus> before, boolean ended) {
    String state = ended ? "ended" : now.order().getRunning() ? "running" : "paused";
    if (now.at().isEmpty()) {
      return "%s: %s, no task has begun; is it champion, and does the feature job run?"
          .formatted(now.order().getModel(), state);
    }
    Optional<Double> rate = now.imagesPerSecond(before);
    String speed =
        rate.filter(r -> r > 0 && state.equals("running"))
            .map(
                r -> "; %.1f images/s, %s left".formatted(r, time((now.images() - now.done()) / r)))
            .orElse("");
    String waiting = !ended && now.ended() ? "; other buckets have not begun" : "";
    return String.format(
        Locale.ROOT,
        "%s: %s, %,d of %,d images (%.0f %%): %,d written, %,d passed over, %,d unavailable%s%s",
        now.order().getModel(),
        state,
        now.done(),
        now.images(),
        now.images() == 0 ? 100.0 : 100.0 * now.done() / now.images(),
        now.embedded(),
        now.passedOver(),
        now.unavailable(),
        speed,
        waiting);
  }

  static String time(double seconds) {
    Duration time = Duration.ofSeconds(Math.round(seconds));
    return time.toHours() > 0
        ? "%d h %d min".formatted(time.toHours(), time.toMinutesPart())
        : time.toMinutes() > 0
            ? "%d min %d s".formatted(time.toMinutes(), time.toSecondsPart())
            : "%d s".formatted(time.toSeconds());
  }
}
