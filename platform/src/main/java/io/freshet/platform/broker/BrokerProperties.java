package io.freshet.platform.broker;

import java.util.List;
import java.util.Properties;

/** Settings of a single Kafka node that is broker and controller at once. */
final class BrokerProperties {
  static final String CONTROLLER_LISTENER = "CONTROLLER";
  static final int NODE_ID = 1;
  private static final String LOOPBACK = "127.0.0.1";
  private static final int CLEANER_BUFFER_BYTES = 16 << 20;

  private BrokerProperties() {}

  static String address(int port) {
    return LOOPBACK + ":" + port;
  }

  static Properties of(BrokerConfig config, int clientPort, int controllerPort) {
    Properties p = new Properties();
    p.put("process.roles", "broker,controller");
    p.put("node.id", String.valueOf(NODE_ID));
    p.put("controller.quorum.voters", NODE_ID + "@" + address(controllerPort));
    p.put(
        "listeners",
        "PLAINTEXT://%s,%s://%s"
            .formatted(address(clientPort), CONTROLLER_LISTENER, address(controllerPort)));
    p.put("advertised.listeners", "PLAINTEXT://" + address(clientPort));
    p.put("controller.listener.names", CONTROLLER_LISTENER);
    p.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    p.put("inter.broker.listener.name", "PLAINTEXT");
    p.put("log.dirs", config.dataDir().toString());
    p.put("auto.create.topics.enable", "false");
    p.put("log.message.timestamp.type", "LogAppendTime");
    for (String key :
        List.of(
            "offsets.topic.replication.factor",
            "transaction.state.log.replication.factor",
            "transaction.state.log.min.isr",
            "share.coordinator.state.topic.replication.factor",
            "share.coordinator.state.topic.min.isr")) {
      p.put(key, "1");
    }
    // The default of 50 is for clusters; every partition costs files and time at the start.
    p.put("offsets.topic.num.partitions", "4");
    p.put("transaction.state.log.num.partitions", "4");
    p.put("group.initial.rebalance.delay.ms", "0");
    p.put("transaction.max.timeout.ms", millis(config.transactionMaxTimeout().toMillis()));
    p.put("message.max.bytes", max(config));
    p.put("replica.fetch.max.bytes", max(config));
    p.put("log.cleaner.dedupe.buffer.size", String.valueOf(CLEANER_BUFFER_BYTES));
    p.put("num.network.threads", "2");
    p.put("num.io.threads", "4");
    p.put("background.threads", "4");
    p.put("server.max.startup.time.ms", millis(config.startTimeout().toMillis()));
    return p;
  }

  private static String max(BrokerConfig config) {
    return String.valueOf(config.maxRecord().bytes());
  }

  private static String millis(long millis) {
    return String.valueOf(millis);
  }
}
