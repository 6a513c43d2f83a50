package io.freshet.sink.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.platform.http.Scope;
import io.freshet.platform.registry.AliasMove;
import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryException;
import io.freshet.platform.registry.ReleaseAlteredException;
import io.freshet.platform.registry.ReleaseFile;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.ConflictResponse;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.NotFoundResponse;
import io.javalin.http.PreconditionFailedResponse;
import io.javalin.http.ServiceUnavailableResponse;
import io.javalin.router.JavalinDefaultRouting;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The registry over HTTP, as {@code openapi.json} beside this class describes it: list, look up,
 * download, promote, roll back. A file is served only if the manifest names it and its bytes are
 * those that were published, so no path of a client's ever reaches the file system.
 *
 * <p>Thread-safe. Aliases move one after the other within this server; other writers of the same
 * registry are not seen by {@code If-Match}.
 */
final class RegistryRoutes {
  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
  private static final int MAX_REASON = 900;

  private final ModelRegistry registry;
  private final ReleaseList releases;
  private final AliasListener listener;
  private final ObjectMapper json = new ObjectMapper();
  private final byte[] description;

  /** Told after an alias moved. */
  @FunctionalInterface
  interface AliasListener {
    /**
     * @throws RuntimeException when the move could not be made known
     */
    void moved(Manifest target, String alias);
  }

  RegistryRoutes(ModelRegistry registry, ReleaseList releases, AliasListener listener) {
    this.registry = registry;
    this.releases = releases;
    this.listener = listener;
    try (InputStream in = RegistryRoutes.class.getResourceAsStream("openapi.json")) {
      description = in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void addTo(JavalinDefaultRouting server) {
    serve(server, "/api/v1/openapi.json", this::describe);
    serve(server, "/api/v1/models", this::list);
    serve(server, "/api/v1/models/{name}/{version}", this::release);
    serve(server, "/api/v1/models/{name}/{version}/manifest", this::manifest);
    serve(server, "/api/v1/models/{name}/{version}/signature", this::signature);
    serve(server, "/api/v1/models/{name}/{version}/files/<path>", this::download);
    serve(server, "/api/v1/aliases", this::aliases);
    serve(server, "/api/v1/aliases/{alias}", this::alias);
    server.put("/api/v1/aliases/{alias}", Scope.PROMOTE.guarding(IntactOnly.of(this::moveAlias)));
    server.post(
        "/api/v1/aliases/{alias}/rollback", Scope.PROMOTE.guarding(IntactOnly.of(this::rollback)));
  }

  private static void serve(JavalinDefaultRouting server, String path, Handler handler) {
    server.get(path, IntactOnly.of(handler));
    server.head(path, IntactOnly.of(handler));
  }

  private void describe(Context context) {
    Representation.send(context, "application/json", description);
  }

  private void list(Context context) {
    send(context, releases.all());
  }

  private void aliases(Context context) {
    Map<String, String> aliases = new LinkedHashMap<>();
    registry.aliases().forEach((alias, version) -> aliases.put(alias, version.toString()));
    send(context, aliases);
  }

  private void alias(Context context) {
    send(context, view(existing(aliasName(context))));
  }

  private synchronized void moveAlias(Context context) {
    String alias = aliasName(context);
    requireMatch(context, alias);
    JsonNode body = body(context);
    String reference = text(body, "target");
    ModelVersion target =
        Optional.of(reference)
            .filter(text -> text.length() <= 80)
            .flatMap(registry::resolve)
            .orElseThrow(() -> new NotFoundResponse("the registry has no such target"));
    registry.moveAlias(alias, target, "over HTTP: " + reason(body));
    announce(context, alias, target);
  }

  private synchronized void rollback(Context context) {
    String alias = aliasName(context);
    requireMatch(context, alias);
    existing(alias);
    ModelVersion target;
    try {
      target = registry.rollback(alias, "over HTTP: " + reason(body(context)));
    } catch (ReleaseAlteredException e) {
      throw e;
    } catch (RegistryException e) {
      throw new ConflictResponse(e.getMessage());
    }
    announce(context, alias, target);
  }

  private void announce(Context context, String alias, ModelVersion target) {
    try {
      listener.moved(registry.manifest(target), alias);
    } catch (RuntimeException e) {
      throw new ServiceUnavailableResponse(
          "%s points at %s now, but this could not be announced to the features: %s; promote %s again"
              .formatted(alias, target, e.getMessage(), target));
    }
    byte[] body = bytes(view(existing(alias)));
    context.header("ETag", Representation.etag(body));
    context.contentType("application/json").result(body);
  }

  /** Whoever names the state that he saw changes only that one. */
  private void requireMatch(Context context, String alias) {
    String wanted = context.header("If-Match");
    if (wanted == null) {
      return;
    }
    List<AliasMove> moves = registry.aliasHistory(alias);
    boolean matches =
        !moves.isEmpty() && Representation.matches(wanted, Representation.etag(bytes(view(moves))));
    if (!matches) {
      throw new PreconditionFailedResponse("the alias has moved since; look again");
    }
  }

  private List<AliasMove> existing(String alias) {
    List<AliasMove> moves = registry.aliasHistory(alias);
    if (moves.isEmpty()) {
      throw new NotFoundResponse("the registry has no such alias");
    }
    return moves;
  }

  private static Map<String, Object> view(List<AliasMove> moves) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("target", moves.get(0).target().toString());
    body.put("moves", moves.stream().map(RegistryRoutes::move).toList());
    return body;
  }

  private static Map<String, Object> move(AliasMove move) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("target", move.target().toString());
    body.put("manifest_sha256", move.manifestSha256());
    body.put("moved_at", move.movedAt().toString());
    body.put("reason", move.reason());
    return body;
  }

  private void release(Context context) {
    Manifest manifest = registry.manifest(version(context));
    List<Map<String, Object>> files =
        manifest.files().entrySet().stream().map(RegistryRoutes::fileLine).toList();
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("name", manifest.name());
    body.put("version", manifest.version());
    body.put("sha256", manifest.sha256());
    body.put("created_at", manifest.createdAt().toString());
    body.put("architecture", manifest.architecture());
    body.put("dim", manifest.dim());
    body.put("patch", manifest.patch());
    body.put("image_size", manifest.imageSize());
    body.put("run_id", manifest.runId());
    body.put("step", manifest.step());
    body.put("images_seen", manifest.imagesSeen());
    body.put("metrics", manifest.metrics());
    body.put("parents", manifest.parents().stream().map(ModelVersion::toString).toList());
    body.put("embedding", manifest.embedding());
    body.put("licence", manifest.licence());
    body.put("files", files);
    send(context, body);
  }

  private void manifest(Context context) {
    ModelVersion version = version(context);
    registry.manifest(version);
    Representation.send(context, "application/json", registry.manifestBytes(version));
  }

  private void signature(Context context) {
    byte[] signature =
        registry
            .signature(version(context))
            .orElseThrow(() -> new NotFoundResponse("the release is not signed"));
    Representation.send(context, "application/octet-stream", signature);
  }

  private void download(Context context) throws IOException {
    ModelVersion version = version(context);
    String path = context.pathParam("path");
    ReleaseFile file = registry.manifest(version).files().get(path);
    if (file == null) {
      throw new NotFoundResponse("the release has no such file");
    }
    context.header("Cache-Control", "public, max-age=31536000, immutable");
    Representation.send(context, registry.open(version).resolve(path), file);
  }

  private ModelVersion version(Context context) {
    String name = context.pathParam("name");
    String number = context.pathParam("version");
    if (!ID.matcher(name).matches() || !NUMBER.matcher(number).matches()) {
      throw new BadRequestResponse(
          "a model is [a-z0-9][a-z0-9._-]{0,63} and a version a number of at most nine digits");
    }
    return registry
        .resolve(name + "@" + number)
        .orElseThrow(() -> new NotFoundResponse("the registry has no such release"));
  }

  private static String aliasName(Context context) {
    String alias = context.pathParam("alias");
    if (!ID.matcher(alias).matches()) {
      throw new BadRequestResponse("an alias is [a-z0-9][a-z0-9._-]{0,63}");
    }
    return alias;
  }

  private JsonNode body(Context context) {
    try {
      JsonNode body = json.readTree(context.bodyAsBytes());
      if (body.isObject()) {
        return body;
      }
    } catch (IOException e) {
      // Said below.
    }
    throw new BadRequestResponse("the body must be a JSON object");
  }

  private static String text(JsonNode body, String field) {
    if (!body.path(field).isTextual()) {
      throw new BadRequestResponse("the body must have the text '" + field + "'");
    }
    return body.get(field).textValue();
  }

  private static String reason(JsonNode body) {
    String reason = text(body, "reason");
    if (reason.isBlank() || reason.length() > MAX_REASON) {
      throw new BadRequestResponse(
          "the reason has %d characters, must have 1 to %d".formatted(reason.length(), MAX_REASON));
    }
    return reason;
  }

  private static Map<String, Object> fileLine(Map.Entry<String, ReleaseFile> file) {
    return Map.of(
        "path", file.getKey(), "bytes", file.getValue().size(), "sha256", file.getValue().sha256());
  }

  private void send(Context context, Object value) {
    context.header("Cache-Control", "no-cache");
    Representation.send(context, "application/json", bytes(value));
  }

  private byte[] bytes(Object value) {
    try {
      return json.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
