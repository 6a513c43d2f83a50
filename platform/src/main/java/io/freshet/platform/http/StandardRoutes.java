package io.freshet.platform.http;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.javalin.router.JavalinDefaultRouting;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Health, metrics and errors, the same in every server. */
final class StandardRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(StandardRoutes.class);

  private final PrometheusMeterRegistry metrics;
  private final Map<String, BooleanSupplier> checks;

  StandardRoutes(PrometheusMeterRegistry metrics, Map<String, BooleanSupplier> checks) {
    this.metrics = metrics;
    this.checks = Map.copyOf(checks);
  }

  void addTo(JavalinDefaultRouting routing) {
    routing.get("/healthz", this::health);
    routing.get("/health", this::health);
    routing.get("/metrics", this::scrape);
    routing.exception(HttpResponseException.class, StandardRoutes::refusal);
    routing.exception(Exception.class, StandardRoutes::failure);
  }

  private void health(Context context) {
    Map<String, String> states = new TreeMap<>();
    checks.forEach((name, check) -> states.put(name, check.getAsBoolean() ? "up" : "down"));
    boolean up = !states.containsValue("down");
    context.status(up ? 200 : 503);
    context.header("Cache-Control", "no-store");
    context.json(Map.of("status", up ? "up" : "down", "checks", states));
  }

  private void scrape(Context context) {
    context.contentType("text/plain; version=0.0.4; charset=utf-8").result(metrics.scrape());
  }

  /** Counts an answered request under the pattern of its route, never under its raw path. */
  void observe(Context context, float millis) {
    Timer.builder("http.server.requests")
        .tag("method", context.method().name())
        .tag("route", route(context))
        .tag("status", Integer.toString(context.statusCode()))
        .register(metrics)
        .record(Math.round(millis * 1_000_000d), TimeUnit.NANOSECONDS);
  }

  private static String route(Context context) {
    // No route answered: a file, a refusal, or nothing at all.
    if (context.handlerType() == HandlerType.BEFORE) {
      return "none";
    }
    String path = context.endpointHandlerPath();
    return path != null && path.startsWith("/") ? path : "none";
  }

  private static void refusal(HttpResponseException refusal, Context context) {
    String message = refusal.getMessage() == null ? "refused" : refusal.getMessage();
    answer(context, refusal.getStatus(), message);
  }

  private static void failure(Exception failure, Context context) {
    String incident = UUID.randomUUID().toString().substring(0, 8);
    LOG.error("incident {}: {} {} failed", incident, context.method(), context.path(), failure);
    answer(context, 500, "internal error; the server's log says more under incident " + incident);
  }

  private static void answer(Context context, int status, String message) {
    context
        .status(status)
        .contentType(ErrorJson.CONTENT_TYPE)
        .result(ErrorJson.of(status, message));
  }
}
