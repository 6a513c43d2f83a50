package io.freshet.sink.server;

import io.freshet.schemas.BlobRef;
import io.freshet.schemas.ImageId;
import io.freshet.sink.tally.Overview;
import io.freshet.sink.tally.StreamTally;
import io.freshet.sink.tally.WallFilter;
import io.freshet.sink.tally.WallImage.Verdict;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import io.javalin.http.GoneResponse;
import io.javalin.http.NotFoundResponse;
import io.javalin.http.ServiceUnavailableResponse;
import io.javalin.router.JavalinDefaultRouting;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the console's page asks for: the overview, its live stream, the walls and their pictures,
 * the curves. {@code console-openapi.json} beside this class describes it. Thread-safe; whoever
 * made it closes it.
 */
final class ConsoleRoutes implements AutoCloseable {
  private static final Map<String, Verdict> VERDICTS =
      Stream.of(Verdict.values())
          .collect(Collectors.toMap(verdict -> verdict.name().toLowerCase(Locale.ROOT), v -> v));
  static final int MAX_LISTENERS = 64;

  private static final String EVENTS = "/api/v1/events";
  private static final String RETRY_AFTER_SECONDS = "30";
  private static final int MAX_PAGE = 500;
  private static final int MAX_FACET = 200;
  private static final int MAX_QUERY = 200;

  private final StreamTally tally;
  private final ReleaseList releases;
  private final ThumbnailStore thumbnails;
  private final Supplier<Optional<Instant>> staleSince;
  private final EventFanout pages = new EventFanout(MAX_LISTENERS);
  private final byte[] description;

  /**
   * @param staleSince since when the topics can't be read
   */
  ConsoleRoutes(
      StreamTally tally,
      ReleaseList releases,
      ThumbnailStore thumbnails,
      Supplier<Optional<Instant>> staleSince) {
    this.staleSince = staleSince;
    this.tally = tally;
    this.releases = releases;
    this.thumbnails = thumbnails;
    try (InputStream in = ConsoleRoutes.class.getResourceAsStream("console-openapi.json")) {
      description = in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void addTo(JavalinDefaultRouting server) {
    server.get("/", context -> context.redirect("/console/index.html"));
    server.get(
        "/api/v1/console-openapi.json",
        context -> Representation.send(context, "application/json", description));
    server.get("/api/v1/overview", context -> JsonBody.send(context, overview()));
    server.get("/api/v1/recent/{verdict}", this::recent);
    server.get("/api/v1/images/{id}/thumbnail", this::thumbnail);
    server.get("/api/v1/training/curve", context -> JsonBody.send(context, tally.trainingCurve()));
    server.get(
        "/api/v1/curation/windows", context -> JsonBody.send(context, tally.curationWindows()));
    server.before(EVENTS, this::requireRoom);
    server.sse(EVENTS, client -> pages.add(client, "overview", JsonBody.text(overview())));
  }

  Overview overview() {
    return tally.overview(
        releases.all(),
        releases.champion(),
        releases.alteredAliases(),
        staleSince.get().map(Instant::toString).orElse(null));
  }

  /** Sends the overview to every page that listens. */
  void broadcast() {
    if (!pages.isEmpty()) {
      pages.send("overview", JsonBody.text(overview()));
    }
  }

  private void requireRoom(Context context) {
    if (pages.isFull()) {
      context.header("Retry-After", RETRY_AFTER_SECONDS);
      throw new ServiceUnavailableResponse(
          "%d pages are open, and no more are served; close one".formatted(MAX_LISTENERS));
    }
  }

  @Override
  public void close() {
    pages.close();
  }

  private void recent(Context context) {
    Verdict verdict = VERDICTS.get(context.pathParam("verdict"));
    if (verdict == null) {
      throw new NotFoundResponse("the walls are " + VERDICTS.keySet());
    }
    int limit = Query.number(context, "limit", 60, 1, MAX_PAGE);
    int skip = Query.number(context, "skip", 0, 0, Integer.MAX_VALUE);
    long upTo = Query.number(context, "up_to", Integer.MAX_VALUE, 0, Integer.MAX_VALUE);
    Optional<String> query = Query.text(context, "query", MAX_QUERY);
    if (query.isPresent() && verdict != Verdict.CURATED) {
      throw new BadRequestResponse("only the wall of curated images has queries");
    }
    WallFilter filter = new WallFilter(Query.text(context, "facet", MAX_FACET), query);
    JsonBody.send(context, tally.wall(verdict, upTo, skip, limit, filter));
  }

  private void thumbnail(Context context) {
    String id = context.pathParam("id");
    if (!ImageId.is(id)) {
      throw new BadRequestResponse("an image id is 64 hex digits");
    }
    // A browser keeps what it has, and asks each time whether it still may: a revocation holds at
    // once.
    context.header("Cache-Control", "private, no-cache");
    if (tally.revoked(id)) {
      throw new GoneResponse("the image was revoked");
    }
    Optional<BlobRef> blob = tally.blob(id);
    byte[] jpeg =
        blob.flatMap(reference -> thumbnails.thumbnail(id, reference))
            .orElseThrow(() -> new NotFoundResponse("no such image lately"));
    Representation.send(context, "image/jpeg", jpeg);
  }
}
