package io.freshet.sink.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.ReleaseFile;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import io.javalin.router.JavalinDefaultRouting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The registry over HTTP: list, look up, download. A file is served only if the manifest names it,
 * so no path of a client's ever reaches the file system.
 */
final class RegistryRoutes {
  private static final Pattern REFERENCE =
      Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}(@[0-9]{1,9})?");

  private final ModelRegistry registry;
  private final ReleaseList releases;
  private final ObjectMapper json = new ObjectMapper();

  RegistryRoutes(ModelRegistry registry, ReleaseList releases) {
    this.registry = registry;
    this.releases = releases;
  }

  void addTo(JavalinDefaultRouting server) {
    server.get("/api/v1/models", this::list);
    server.get("/api/v1/aliases", this::aliases);
    server.get("/api/v1/models/{name}/{version}", this::manifest);
    server.get("/api/v1/models/{name}/{version}/files/<path>", this::download);
  }

  private void list(Context context) throws IOException {
    write(context, releases.all());
  }

  private void aliases(Context context) throws IOException {
    Map<String, String> aliases = new LinkedHashMap<>();
    registry.aliases().forEach((alias, version) -> aliases.put(alias, version.toString()));
    write(context, aliases);
  }

  private void manifest(Context context) throws IOException {
    Manifest manifest = registry.manifest(version(context));
    String etag = '"' + manifest.sha256() + '"';
    context.header("ETag", etag);
    if (etag.equals(context.header("If-None-Match"))) {
      context.status(304);
      return;
    }
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
    write(context, body);
  }

  private void download(Context context) {
    ModelVersion version = version(context);
    String path = context.pathParam("path");
    ReleaseFile file = registry.manifest(version).files().get(path);
    if (file == null) {
      throw new NotFoundResponse("the release has no such file");
    }
    Path verified = registry.open(version).resolve(path);
    context.header("ETag", '"' + file.sha256() + '"');
    context.header("Cache-Control", "public, max-age=31536000, immutable");
    try {
      context.writeSeekableStream(
          Files.newInputStream(verified), "application/octet-stream", file.size());
    } catch (IOException e) {
      throw new UncheckedIOException("can't read " + path + " of " + version, e);
    }
  }

  private ModelVersion version(Context context) {
    String reference = context.pathParam("name") + "@" + context.pathParam("version");
    if (!REFERENCE.matcher(reference).matches()) {
      throw new BadRequestResponse(
          "a model is [a-z0-9][a-z0-9._-]{0,63} and a version a number of at most nine digits");
    }
    return registry
        .resolve(reference)
        .orElseThrow(() -> new NotFoundResponse("the registry has no " + reference));
  }

  private static Map<String, Object> fileLine(Map.Entry<String, ReleaseFile> file) {
    return Map.of(
        "path", file.getKey(), "bytes", file.getValue().size(), "sha256", file.getValue().sha256());
  }

  private void write(Context context, Object value) throws IOException {
    context.contentType("application/json").result(json.writeValueAsString(value));
  }
}
