package io.freshet.deploy.fault;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@code freshet up} in a process of its own, to be killed. */
final class UpProcess implements AutoCloseable {
  private final Process process;

  private UpProcess(Process process) {
    this.process = process;
  }

  static UpProcess start(Path config, Path output) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx1g",
            "-Dai.djl.offline=true",
            "-DOPT_OUT_TRACKING=true",
            "-Djava.awt.headless=true",
            "-Dfreshet.log=" + output.resolveSibling("freshet.log"),
            "-cp",
            System.getProperty("java.class.path"),
            "io.freshet.deploy.Freshet",
            "up",
            "--config",
            config.toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
    builder.environment().put("OMP_WAIT_POLICY", "PASSIVE");
    return new UpProcess(builder.start());
  }

  boolean alive() {
    return process.isAlive();
  }

  /** SIGKILL: no hook runs, nothing is flushed. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /** SIGTERM, and the exit code. */
  int terminate(Duration most) throws InterruptedException {
    process.destroy();
    if (!process.waitFor(most.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("no exit within " + most + " after SIGTERM");
    }
    return process.exitValue();
  }

  static String tail(Path output) throws IOException {
    List<String> lines = Files.readAllLines(output);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
