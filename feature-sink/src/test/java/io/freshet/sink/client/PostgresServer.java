package io.freshet.sink.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PostgreSQL with pgvector: the one that environment variable FRESHET_PGVECTOR_URL names (a JDBC
 * URL; the test works in a schema of its own there and drops it), or one of Debian's packages,
 * started for the test. Where there is neither the test is skipped.
 */
final class PostgresServer implements AutoCloseable {
  private static final String URL = System.getenv("FRESHET_PGVECTOR_URL");
  private static final Path PACKAGES = Path.of("/usr/lib/postgresql");

  private static final String SCHEMA = "freshet_test_" + ProcessHandle.current().pid();

  private final Optional<Path> data;
  private final Path programs;
  private final String url;

  private PostgresServer(Optional<Path> data, Path programs, String url) {
    this.data = data;
    this.programs = programs;
    this.url = url;
  }

  static PostgresServer start() throws IOException, SQLException {
    PostgresServer server = URL == null ? started() : named();
    server.execute("CREATE SCHEMA " + SCHEMA);
    return server;
  }

  private static PostgresServer named() {
    return new PostgresServer(Optional.empty(), PACKAGES, URL);
  }

  private static PostgresServer started() throws IOException {
    Optional<Path> programs = withPgvector();
    assumeTrue(
        programs.isPresent(),
        "no PostgreSQL with pgvector: install postgresql-NN-pgvector or set FRESHET_PGVECTOR_URL");
    Path data = Files.createTempDirectory("freshet-postgres");
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxrwxrwx"));
    int port = freePort();
    Path cluster = data.resolve("cluster");
    run(programs.get(), "initdb", "-D", cluster.toString(), "-U", "freshet", "-A", "trust");
    run(
        programs.get(),
        "pg_ctl",
        "-D",
        cluster.toString(),
        "-w",
        "-l",
        data.resolve("log").toString(),
        "-o",
        "-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories=%s".formatted(port, data),
        "start");
    return new PostgresServer(
        Optional.of(data),
        programs.get(),
        "jdbc:postgresql://127.0.0.1:%d/postgres?user=freshet".formatted(port));
  }

  Connection connect() throws SQLException {
    Connection connection = DriverManager.getConnection(url);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET search_path = %s, public".formatted(SCHEMA));
    }
    return connection;
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static Optional<Path> withPgvector() throws IOException {
    if (!Files.isDirectory(PACKAGES)) {
      return Optional.empty();
    }
    try (Stream<Path> versions = Files.list(PACKAGES)) {
      return versions
          .filter(
              version ->
                  Files.exists(
                      Path.of(
                          "/usr/share/postgresql",
                          version.getFileName().toString(),
                          "extension/vector.control")))
          .max(Comparator.comparing(Path::toString))
          .map(version -> version.resolve("bin"));
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** PostgreSQL refuses to run as root. */
  private static void run(Path programs, String program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) {
      command.addAll(List.of("runuser", "-u", "postgres", "--"));
    }
    command.add(programs.resolve(program).toString());
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .directory(Path.of("/").toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      if (!process.waitFor(1, TimeUnit.MINUTES)) {
        process.destroyForcibly();
      }
      assertEquals(0, process.waitFor(), String.join(" ", command));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted during " + program, e);
    }
  }

  @Override
  public void close() throws IOException, SQLException {
    if (data.isEmpty()) {
      execute("DROP SCHEMA %s CASCADE".formatted(SCHEMA));
      return;
    }
    String cluster = data.get().resolve("cluster").toString();
    run(programs, "pg_ctl", "-D", cluster, "-w", "-m", "immediate", "stop");
    try (Stream<Path> files = Files.walk(data.get())) {
      files.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    }
  }
}
