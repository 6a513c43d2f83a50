package io.freshet.deploy.command;

import io.freshet.deploy.audit.DeliveryAudit;
import io.freshet.deploy.audit.DeliveryAudit.Findings;
import io.freshet.platform.config.Config;
import io.freshet.platform.kafka.KafkaConfig;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code freshet audit}: proves from the topics that no request is lost or has two outcomes. */
@Command(
    name = "audit",
    description = {
      "Count every request and outcome of a running deployment with a stock Kafka client.",
      "Exit code 0 if each request has exactly one outcome; 1 while some are under way or missing."
    },
    mixinStandardHelpOptions = true)
public final class AuditCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Config config = options.load();
    KafkaConfig kafka = config.section("kafka", KafkaConfig.class);
    Findings findings = new DeliveryAudit(kafka.bootstrapServers(), kafka.topicPrefix()).run();
    PrintWriter out = spec.commandLine().getOut();
    out.printf("requests    %,10d%n", findings.requests());
    out.printf("rejected    %,10d  %s%n", findings.rejected(), findings.rejectedByReason());
    out.printf("duplicates  %,10d  %s%n", findings.duplicates(), findings.duplicatesByMethod());
    out.printf("unique      %,10d%n", findings.unique());
    out.printf("twice       %,10d%n", findings.repeated().size());
    out.printf("missing     %,10d%n", findings.requests() - findings.outcomes());
    out.flush();
    return findings.conserved() ? 0 : 1;
  }
}
