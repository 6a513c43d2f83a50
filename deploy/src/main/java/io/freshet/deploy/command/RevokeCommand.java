package io.freshet.deploy.command;

import io.freshet.deploy.node.TopicWriter;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.schemas.ImageId;
import io.freshet.schemas.Revocation;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code freshet revoke}: an opt-out after the fact. */
@Command(
    name = "revoke",
    description = {
      "Withdraw images: their features are erased in every space and never written again, and the trainer",
      "drops them. A URL withdraws the images that were unique at it, letter by letter; copies that were",
      "found elsewhere are withdrawn by their image id."
    },
    mixinStandardHelpOptions = true)
public final class RevokeCommand implements Runnable {
  private static final int MAX_TARGET_CHARS = 8_192;
  private static final int MAX_REASON_CHARS = 1_000;

  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Parameters(arity = "1..*", paramLabel = "URL|IMAGE_ID")
  private List<String> targets;

  @Option(names = "--reason", required = true, paramLabel = "TEXT")
  private String reason;

  @Override
  public void run() {
    targets.forEach(RevokeCommand::requireTarget);
    if (reason.isBlank() || reason.length() > MAX_REASON_CHARS) {
      throw new IllegalArgumentException(
          "--reason has %,d characters, must have 1 to %,d"
              .formatted(reason.length(), MAX_REASON_CHARS));
    }
    KafkaConfig kafka = options.load().section("kafka", KafkaConfig.class);
    PrintWriter out = spec.commandLine().getOut();
    revoke(kafka, targets, reason).forEach(target -> out.println("revoked " + target));
    out.flush();
  }

  /** Revokes the targets and what was unique at those that are URLs; returns all of it. */
  static Set<String> revoke(KafkaConfig kafka, List<String> targets, String reason) {
    Set<String> all = new LinkedHashSet<>(targets);
    if (!targets.stream().allMatch(ImageId::is)) {
      Set<String> urls = Set.copyOf(targets);
      new TopicReader<>(kafka, Topics.IMAGE_UNIQUE)
          .forEach(
              message -> {
                UniqueImage image = message.value();
                if (urls.contains(image.getSource().getImageUrl())) {
                  all.add(image.getImageId());
                }
              });
    }
    try (TopicWriter<Revocation> topic = new TopicWriter<>(kafka, Topics.IMAGE_REVOKED)) {
      all.forEach(target -> topic.write(new Revocation(target, reason, Instant.now())));
    }
    return all;
  }

  private static void requireTarget(String target) {
    boolean url = target.matches("https?://\\S+") && target.length() <= MAX_TARGET_CHARS;
    if (!ImageId.is(target) && !url) {
      throw new IllegalArgumentException(
          "'%.100s' is neither an http(s) URL of at most %,d characters nor an image id of 64 hex digits"
              .formatted(target, MAX_TARGET_CHARS));
    }
  }
}
