package io.freshet.deploy.command;

import io.freshet.deploy.node.Node;
import io.freshet.deploy.node.Role;
import io.freshet.deploy.node.StopSignal;
import io.freshet.platform.config.Config;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** Runs roles until Ctrl-C, SIGTERM or a failure. */
final class Foreground {
  private static final Duration LOOK = Duration.ofSeconds(1);

  private Foreground() {}

  /** Exit code: 0 after a stop that was asked for, 1 after a role failed. */
  static int run(Config config, Set<Role> roles, PrintWriter out) {
    StopSignal signal = new StopSignal(Node.STOP_TIMEOUT);
    int code = 1;
    try {
      code = runUntil(signal, config, roles, out);
      return code;
    } finally {
      signal.stopped(code);
    }
  }

  private static int runUntil(StopSignal signal, Config config, Set<Role> roles, PrintWriter out) {
    try (Node node = Node.start(config, roles)) {
      node.addresses().forEach((what, address) -> out.printf("%-10s %s%n", what, address));
      out.println("running; Ctrl-C stops it");
      out.flush();
      while (!signal.await(LOOK)) {
        Optional<Throwable> failure = node.failure();
        if (failure.isPresent()) {
          out.println("freshet: a role failed: " + failure.get().getMessage());
          failure.get().printStackTrace(out);
          out.flush();
          return 1;
        }
      }
      out.println("stopping");
      out.flush();
    }
    return 0;
  }
}
