package io.freshet.sink.server;

import io.freshet.sink.life.LifeEvent;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import io.javalin.http.ServiceUnavailableResponse;
import io.javalin.router.JavalinDefaultRouting;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/**
 * The life of one image, as {@code freshet explain} tells it. The topics are read whole, so one
 * image is explained at a time. Thread-safe.
 */
final class ExplainRoute {
  private static final int MAX_TARGET = 2_048;

  private final Function<String, List<LifeEvent>> lives;
  private final Semaphore turn = new Semaphore(1);

  /**
   * @param lives what happened to the image that a URL, image id or request id names
   */
  ExplainRoute(Function<String, List<LifeEvent>> lives) {
    this.lives = lives;
  }

  void addTo(JavalinDefaultRouting server) {
    server.get("/api/v1/explain", this::explain);
  }

  private void explain(Context context) {
    String target =
        Query.text(context, "target", MAX_TARGET)
            .orElseThrow(
                () ->
                    new BadRequestResponse(
                        "name the image: ?target= its URL, image id or request id"));
    if (!turn.tryAcquire()) {
      context.header("Retry-After", "5");
      throw new ServiceUnavailableResponse(
          "another image is being explained; try again in some seconds");
    }
    try {
      JsonBody.send(
          context,
          Map.of(
              "target",
              target,
              "events",
              lives.apply(target).stream().map(ExplainRoute::line).toList()));
    } finally {
      turn.release();
    }
  }

  private static Map<String, Object> line(LifeEvent event) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("at", event.at().toString());
    line.put("topic", event.topic());
    line.put("partition", event.partition());
    line.put("offset", event.offset());
    line.put("verdict", event.verdict());
    return line;
  }
}
