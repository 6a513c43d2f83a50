package io.freshet.platform.testing.s3;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.freshet.platform.config.DataSize;
import io.freshet.platform.objects.S3Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * S3 on loopback with one bucket in memory: conditional writes, uploads in parts, lists in pages,
 * ranges, digests, signatures that must be right, both styles of address. Requests fail on demand.
 * Thread-safe.
 */
public final class S3Server implements AutoCloseable {
  /** Its only bucket. */
  public static final String BUCKET = "releases";

  private static final String ACCESS_KEY = "AKIATESTTESTTESTTEST";

  /** Must never be seen anywhere. */
  public static final String SECRET_KEY = "secret/of/the+test/server";

  private final S3Bucket bucket = new S3Bucket();
  private final SignatureV4 signature = new SignatureV4(ACCESS_KEY, SECRET_KEY);
  private final AtomicInteger requests = new AtomicInteger();
  private final Map<Integer, S3Fault> faults = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;
  private volatile S3Fault everyFault;
  private volatile int failingFrom;

  private S3Server(HttpServer server) {
    this.server = server;
  }

  public static S3Server start() {
    return start(0);
  }

  public static S3Server start(int port) {
    try {
      HttpServer http =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
      S3Server server = new S3Server(http);
      http.setExecutor(server.threads);
      http.createContext("/", server::handle);
      http.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String endpoint() {
    return "http://localhost:" + server.getAddress().getPort();
  }

  /**
   * How to reach it.
   *
   * @param dir where the file with its key is written
   */
  public S3Config config(Path dir, String prefix) {
    Path credentials = dir.resolve("s3-credentials");
    try {
      Files.writeString(
          credentials,
          "[default]%naws_access_key_id = %s%naws_secret_access_key = %s%n"
              .formatted(ACCESS_KEY, SECRET_KEY));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new S3Config(
        Optional.of("s3://" + BUCKET + (prefix.isEmpty() ? "" : "/" + prefix)),
        Optional.of(endpoint()),
        Optional.empty(),
        true,
        Optional.of(credentials),
        Optional.empty(),
        DataSize.ofMebibytes(5));
  }

  /** How many requests came, since the last {@link #fail}. */
  public int requests() {
    return requests.get();
  }

  /** Counts requests from 0 again, and lets one of them fail. */
  public void fail(int request, S3Fault fault) {
    faults.clear();
    requests.set(0);
    faults.put(request, fault);
  }

  /** Lets each fail from now on; null: none. */
  public void failAll(S3Fault fault) {
    faults.clear();
    failingFrom = 0;
    everyFault = fault;
  }

  /** Counts requests from 0 again, and lets each from this one on fail. */
  public void failFrom(int request, S3Fault fault) {
    faults.clear();
    requests.set(0);
    failingFrom = request;
    everyFault = fault;
  }

  /** Entries of a list that come in one answer. */
  public void pageSize(int keys) {
    bucket.maxKeys = keys;
  }

  /** As storage that knows no conditional writes. */
  public void ignorePreconditions() {
    bucket.ignoresPreconditions = true;
  }

  /** As storage that keeps no digests. */
  public void ignoreChecksums() {
    bucket.ignoresChecksums = true;
  }

  /** As storage whose lists lag behind: they show what is there now until thawed. */
  public void freezeLists(boolean freeze) {
    bucket.freezeLists(freeze);
  }

  public List<String> keys() {
    return bucket.keys();
  }

  public int unfinishedUploads() {
    return bucket.unfinishedUploads();
  }

  public byte[] content(String key) {
    return bucket.content(key);
  }

  public void overwrite(String key, byte[] content) {
    bucket.overwrite(key, content);
  }

  public void remove(String key) {
    bucket.remove(key);
  }

  /** As if everything had been written then. */
  public void backdate(Instant to) {
    bucket.backdate(to);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      S3Request request = S3Request.read(exchange);
      int number = requests.getAndIncrement();
      S3Fault fault = faults.remove(number);
      fault = fault == null && number >= failingFrom ? everyFault : fault;
      if (fault == null) {
        send(exchange, request, answer(request), false);
        return;
      }
      S3Answer answer = fault.takesEffect ? answer(request) : S3Answer.of(200);
      if (fault == S3Fault.TRUNCATED) {
        send(exchange, request, answer, true);
      } else if (fault.status > 0) {
        send(exchange, request, new S3Refusal(fault.status, fault.name()).answer(), false);
      }
    }
  }

  private S3Answer answer(S3Request request) {
    try {
      signature.require(request);
      return bucket.answer(request, key(request));
    } catch (S3Refusal e) {
      return e.answer();
    }
  }

  private static String key(S3Request request) {
    String path = request.path().substring(1);
    if (request.header("Host").orElse("").startsWith(BUCKET + ".")) {
      return path;
    }
    String[] steps = path.split("/", 2);
    if (!steps[0].equals(BUCKET)) {
      throw new S3Refusal(404, "NoSuchBucket");
    }
    return steps.length == 2 ? steps[1] : "";
  }

  private static void send(
      HttpExchange exchange, S3Request request, S3Answer answer, boolean truncated)
      throws IOException {
    answer.headers().forEach(exchange.getResponseHeaders()::set);
    exchange.getResponseHeaders().set("x-amz-request-id", "test");
    byte[] body = answer.body();
    if (request.method().equals("HEAD") || body.length == 0) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(answer.status(), -1);
      return;
    }
    exchange.sendResponseHeaders(answer.status(), body.length);
    exchange.getResponseBody().write(body, 0, truncated ? body.length / 2 : body.length);
    if (!truncated) {
      exchange.getResponseBody().close();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
