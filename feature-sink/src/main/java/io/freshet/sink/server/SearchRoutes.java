package io.freshet.sink.server;

import io.freshet.platform.registry.ReleaseAlteredException;
import io.freshet.schemas.ImageId;
import io.freshet.sink.search.ImageSearch;
import io.freshet.sink.search.ImageSearch.BusyException;
import io.freshet.sink.search.ImageSearch.Found;
import io.freshet.sink.tally.StoredFeatures;
import io.freshet.sink.tally.StreamTally;
import io.freshet.vision.embed.EmbeddingSpace;
import io.freshet.vision.image.ImageRejectedException;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.ContentTooLargeResponse;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.NotFoundResponse;
import io.javalin.http.ServiceUnavailableResponse;
import io.javalin.router.JavalinDefaultRouting;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Search by an image, uploaded or stored. An upload must say {@code Content-Type:
 * application/octet-stream} or {@code image/...}: no form of a foreign page can send that without
 * asking first. Thread-safe.
 */
final class SearchRoutes {
  private static final int MAX_MATCHES = 200;
  private static final int MAX_SPACE = 200;
  private static final int UNSUPPORTED = 415;
  private static final int UNPROCESSABLE = 422;

  private final ImageSearch search;
  private final StoredFeatures features;
  private final StreamTally tally;
  private final int maxUpload;

  SearchRoutes(ImageSearch search, StoredFeatures features, StreamTally tally, int maxUpload) {
    this.search = search;
    this.features = features;
    this.tally = tally;
    this.maxUpload = maxUpload;
  }

  void addTo(JavalinDefaultRouting server) {
    server.get("/api/v1/spaces", this::spaces);
    server.post("/api/v1/search", IntactOnly.of(this::upload));
    server.get("/api/v1/images/{id}/similar", IntactOnly.of(this::similar));
  }

  private void spaces(Context context) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("champion", champion().map(EmbeddingSpace::id).orElse(null));
    body.put("features", features.spaces());
    JsonBody.send(context, body);
  }

  /** An altered one is none to choose; whoever searches in its space is told. */
  private Optional<EmbeddingSpace> champion() {
    try {
      return search.championSpace();
    } catch (ReleaseAlteredException e) {
      return Optional.empty();
    }
  }

  private void upload(Context context) throws IOException, InterruptedException {
    String type = context.contentType();
    if (type == null
        || !(type.startsWith("image/") || type.startsWith("application/octet-stream"))) {
      throw new HttpResponseException(
          UNSUPPORTED, "send the image as the body, as application/octet-stream", Map.of());
    }
    byte[] body = context.req().getInputStream().readNBytes(maxUpload + 1);
    if (body.length > maxUpload) {
      throw new ContentTooLargeResponse(
          "the image has more than %d bytes, console.max_upload".formatted(maxUpload));
    }
    try {
      answer(context, search.byImage(body, space(context), matches(context)));
    } catch (ImageRejectedException e) {
      throw new HttpResponseException(
          UNPROCESSABLE, "%s: %s".formatted(e.reason(), e.detail()), Map.of());
    } catch (NoSuchElementException e) {
      throw new NotFoundResponse(e.getMessage());
    } catch (BusyException e) {
      context.header("Retry-After", "5");
      throw new ServiceUnavailableResponse(e.getMessage());
    }
  }

  private void similar(Context context) {
    String id = context.pathParam("id");
    if (!ImageId.is(id)) {
      throw new BadRequestResponse("an image id is 64 hex digits");
    }
    try {
      answer(context, search.byStored(id, space(context), matches(context)));
    } catch (NoSuchElementException e) {
      throw new NotFoundResponse(e.getMessage());
    }
  }

  private EmbeddingSpace space(Context context) {
    try {
      return Query.text(context, "space", MAX_SPACE)
          .map(EmbeddingSpace::parse)
          .or(search::championSpace)
          .orElseThrow(() -> new NotFoundResponse("there is no champion to embed with yet"));
    } catch (IllegalArgumentException e) {
      throw new BadRequestResponse(e.getMessage());
    }
  }

  private static int matches(Context context) {
    return Query.number(context, "limit", 48, 1, MAX_MATCHES);
  }

  private void answer(Context context, Found found) {
    List<Map<String, Object>> matches =
        found.matches().stream()
            .map(
                match -> {
                  Map<String, Object> line = new LinkedHashMap<>();
                  line.put("image_id", match.imageId());
                  line.put("cosine", match.cosine());
                  tally.source(match.imageId()).ifPresent(source -> line.put("found", source));
                  return line;
                })
            .toList();
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("space", found.space().id());
    body.put("compared", found.compared());
    body.put("matches", matches);
    JsonBody.send(context, body);
  }
}
