package io.freshet.sink.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.ImageId;
import io.freshet.sink.tally.Overview;
import io.freshet.sink.tally.RecentImage.Verdict;
import io.freshet.sink.tally.StreamTally;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import io.javalin.http.sse.SseClient;
import io.javalin.router.JavalinDefaultRouting;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the console's page asks for: the overview, its live stream, the walls and their pictures.
 * Thread-safe.
 */
final class ConsoleRoutes {
  private static final Map<String, Verdict> VERDICTS =
      Stream.of(Verdict.values())
          .collect(Collectors.toMap(verdict -> verdict.name().toLowerCase(Locale.ROOT), v -> v));
  private static final int MAX_LISTENERS = 64;

  private final StreamTally tally;
  private final ReleaseList releases;
  private final ThumbnailStore thumbnails;
  private final ObjectMapper json = new ObjectMapper();
  private final Set<SseClient> listeners = ConcurrentHashMap.newKeySet();

  ConsoleRoutes(StreamTally tally, ReleaseList releases, ThumbnailStore thumbnails) {
    this.tally = tally;
    this.releases = releases;
    this.thumbnails = thumbnails;
  }

  void addTo(JavalinDefaultRouting server) {
    server.get("/", context -> context.redirect("/console/index.html"));
    server.get("/api/v1/overview", context -> json(context, overview()));
    server.get("/api/v1/recent/{verdict}", this::recent);
    server.get("/api/v1/images/{id}/thumbnail", this::thumbnail);
    server.sse("/api/v1/events", this::listen);
  }

  Overview overview() {
    return tally.overview(releases.all(), releases.champion());
  }

  /** Sends the overview to every page that listens. */
  void broadcast() {
    if (listeners.isEmpty()) {
      return;
    }
    String overview = text(overview());
    listeners.forEach(listener -> listener.sendEvent("overview", overview));
  }

  private void listen(SseClient client) {
    if (listeners.size() >= MAX_LISTENERS) {
      client.close();
      return;
    }
    client.keepAlive();
    client.onClose(() -> listeners.remove(client));
    listeners.add(client);
    client.sendEvent("overview", text(overview()));
  }

  private void recent(Context context) {
    Verdict verdict = VERDICTS.get(context.pathParam("verdict"));
    if (verdict == null) {
      throw new NotFoundResponse("the walls are " + VERDICTS.keySet());
    }
    int limit = context.queryParamAsClass("limit", Integer.class).getOrDefault(60);
    if (limit < 1 || limit > 500) {
      throw new BadRequestResponse("limit must be 1..500, not " + limit);
    }
    json(context, tally.recent(verdict, limit));
  }

  private void thumbnail(Context context) {
    String id = context.pathParam("id");
    if (!ImageId.is(id)) {
      throw new BadRequestResponse("an image id is 64 hex digits");
    }
    Optional<BlobRef> blob = tally.blob(id);
    byte[] png =
        blob.flatMap(reference -> thumbnails.thumbnail(id, reference))
            .orElseThrow(() -> new NotFoundResponse("no such image lately"));
    context.header("Cache-Control", "public, max-age=86400, immutable");
    context.contentType("image/png").result(png);
  }

  private void json(Context context, Object value) {
    context.contentType("application/json").result(text(value));
  }

  private String text(Object value) {
    try {
      return json.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
