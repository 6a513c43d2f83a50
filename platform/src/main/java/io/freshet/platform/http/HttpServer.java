package io.freshet.platform.http;

import io.freshet.platform.config.ConfigException;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.event.HandlerMetaInfo;
import io.javalin.http.staticfiles.Location;
import io.javalin.router.JavalinDefaultRouting;
import io.javalin.util.JavalinBindException;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * A running HTTP server with {@code /healthz}, {@code /metrics} and the routes of its caller. Every
 * response carries strict security headers, every error is JSON without a stack trace. Beyond
 * loopback it serves only clients that present the access token.
 *
 * <p>Thread-safe; whoever started it closes it.
 */
public final class HttpServer implements AutoCloseable {
  private static final int MAX_THREADS = 16;
  private static final int MIN_THREADS = 4;
  private static final int IDLE_MILLIS = 60_000;
  private static final long MAX_REQUEST_BYTES = 1 << 20;

  private final Javalin javalin;
  private final String host;
  private final List<Route> served;

  private HttpServer(Javalin javalin, String host, List<Route> served) {
    this.javalin = javalin;
    this.host = host;
    this.served = List.copyOf(served);
  }

  public static Builder builder(HttpConfig config) {
    return new Builder(config);
  }

  /** The port it listens on, also when a free one was asked for. */
  public int port() {
    return javalin.port();
  }

  /** Address of the server without a path; a wildcard host is shown as loopback. */
  public URI uri() {
    String name = host.equals("0.0.0.0") || host.equals("::") ? "127.0.0.1" : host;
    return URI.create(
        "http://%s:%d".formatted(name.contains(":") ? "[" + name + "]" : name, port()));
  }

  /** What it answers beside its files, health and metrics among them. */
  public List<Route> routes() {
    return served;
  }

  @Override
  public void close() {
    javalin.stop();
  }

  /** What a server serves. Used by one thread, once. */
  public static final class Builder {
    private final HttpConfig config;
    private final Map<String, BooleanSupplier> checks = new LinkedHashMap<>();
    private final List<Consumer<JavalinDefaultRouting>> routes = new ArrayList<>();
    private final List<Consumer<JavalinConfig>> resources = new ArrayList<>();
    private final List<Route> served = new ArrayList<>();
    private Optional<PrometheusMeterRegistry> metrics = Optional.empty();

    private Builder(HttpConfig config) {
      this.config = config;
    }

    /** Meters to publish; without this the server has its own {@link ProcessMetrics}. */
    public Builder metrics(PrometheusMeterRegistry registry) {
      metrics = Optional.of(registry);
      return this;
    }

    /**
     * Adds routes: {@code get}, {@code post}, {@code sse} and so on. Every client may use them that
     * may read; {@link Scope#guarding} asks for more.
     */
    public Builder routes(Consumer<JavalinDefaultRouting> adding) {
      routes.add(adding);
      return this;
    }

    /** Serves a directory of the class path: {@code resources("/", "io/freshet/console")}. */
    public Builder resources(String path, String classpathDirectory) {
      resources.add(
          config ->
              config.staticFiles.add(
                  files -> {
                    files.hostedPath = path;
                    files.directory = classpathDirectory;
                    files.location = Location.CLASSPATH;
                    files.headers = Map.of("Cache-Control", "no-cache");
                  }));
      return this;
    }

    /** Serves the WebJars of the class path under {@code /webjars/name/version/}. */
    public Builder webJars() {
      resources.add(config -> config.staticFiles.enableWebjars());
      return this;
    }

    /** Adds to {@code /healthz}, which answers 503 while any check says false. */
    public Builder health(String name, BooleanSupplier check) {
      checks.put(name, check);
      return this;
    }

    /**
     * @throws ConfigException when the address can't be bound, or is not loopback and no token is
     *     set
     */
    public HttpServer start() {
      Access access = Access.of(config);
      requireTokenBeyondLoopback(access);
      StandardRoutes standard =
          new StandardRoutes(metrics.orElseGet(ProcessMetrics::create), checks);
      Javalin javalin = Javalin.create(settings -> apply(settings, access, standard));
      try {
        javalin.start(config.host(), config.port());
      } catch (JavalinBindException e) {
        javalin.stop();
        throw new ConfigException(
            "http.port %d on http.host %s can't be bound: %s; choose another, 0 takes a free one"
                .formatted(config.port(), config.host(), e.getMessage()),
            e);
      }
      return new HttpServer(javalin, config.host(), served);
    }

    private void requireTokenBeyondLoopback(Access access) {
      try {
        if (!access.readersNeedToken()
            && !InetAddress.getByName(config.host()).isLoopbackAddress()) {
          throw new ConfigException(
              "http.host %s can be reached from other machines; set http.token_file or use 127.0.0.1"
                  .formatted(config.host()));
        }
      } catch (UnknownHostException e) {
        throw new ConfigException(
            "http.host %s has no address; write one such as 127.0.0.1".formatted(config.host()), e);
      }
    }

    private void apply(JavalinConfig settings, Access access, StandardRoutes standard) {
      settings.showJavalinBanner = false;
      settings.startupWatcherEnabled = false;
      settings.useVirtualThreads = false;
      settings.http.prefer405over404 = true;
      settings.http.maxRequestSize = MAX_REQUEST_BYTES;
      settings.jetty.threadPool = threads();
      settings.jetty.modifyHttpConfiguration(Builder::revealNothing);
      settings.jetty.modifyServer(server -> guard(server, new Gate(access, config.host())));
      settings.jetty.modifyServletContextHandler(
          handler -> handler.setErrorHandler(new JettyErrors()));
      settings.requestLogger.http(standard::observe);
      resources.forEach(adding -> adding.accept(settings));
      settings.events.handlerAdded(this::remember);
      settings.router.mount(standard::addTo);
      routes.forEach(settings.router::mount);
    }

    private void remember(HandlerMetaInfo added) {
      if (added.getHttpMethod().isHttpMethod()) {
        served.add(new Route(added.getHttpMethod().name(), added.getPath()));
      }
    }

    private static QueuedThreadPool threads() {
      QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, MIN_THREADS, IDLE_MILLIS);
      threads.setName("http");
      return threads;
    }

    private static void revealNothing(HttpConfiguration http) {
      http.setSendServerVersion(false);
      http.setSendXPoweredBy(false);
    }

    private static void guard(Server server, Gate gate) {
      server.setHandler(gate);
      server.setErrorHandler(new JettyErrors());
    }
  }
}
