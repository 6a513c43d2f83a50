package io.freshet.platform.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A registry behind the HTTP API, version 1. What it answers is checked as if a stranger had sent
 * it: names against their patterns, manifests and aliases against their digests, sizes against
 * limits. Redirects are not followed, so a token goes to the named server only. Thread-safe.
 */
final class HttpReleaseCatalog implements ReleaseCatalog {
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration ANSWER = Duration.ofSeconds(60);
  private static final int MAX_LIST_BYTES = 32 << 20;
  private static final int MAX_ERROR_BYTES = 4 << 10;
  private static final int NOT_FOUND = 404;

  /** Of an answer that refuses what was altered in the registry: trying again is no use. */
  private static final String ALTERED = "Freshet-Altered";

  private final HttpClient client = HttpClient.newBuilder().connectTimeout(CONNECT).build();
  private final ObjectMapper json = new ObjectMapper();
  private final URI api;
  private final Optional<String> token;

  HttpReleaseCatalog(URI server, Optional<String> token) {
    if (server.getHost() == null
        || server.getUserInfo() != null
        || server.getQuery() != null
        || server.getFragment() != null) {
      throw new IllegalArgumentException(
          "'%s' is no address of a registry; write http(s)://HOST[:PORT][/PATH]".formatted(server));
    }
    String text = server.toString();
    this.api = URI.create((text.endsWith("/") ? text : text + "/") + "api/v1/");
    this.token = token;
  }

  @Override
  public List<ModelVersion> versions() {
    List<ModelVersion> versions = new ArrayList<>();
    for (JsonNode line : list("models")) {
      JsonFields fields = new JsonFields(line);
      versions.add(
          checked(
              "models", () -> new ModelVersion(fields.text("name"), fields.integer("version"))));
    }
    versions.sort(Comparator.naturalOrder());
    return versions;
  }

  @Override
  public Optional<ModelVersion> resolve(String aliasOrReference) {
    Optional<ModelVersion> reference = ModelVersion.parse(aliasOrReference);
    if (reference.isPresent()) {
      return reference.filter(version -> get(manifestPath(version)).isPresent());
    }
    return aliasHistory(aliasOrReference).stream().findFirst().map(this::requirePinned);
  }

  private ModelVersion requirePinned(AliasMove move) {
    String found = manifest(move.target()).sha256();
    if (!found.equals(move.manifestSha256())) {
      throw new ReleaseAlteredException(
          "%s answers with the manifest %s, but the alias was moved to %s"
              .formatted(move.target(), found, move.manifestSha256()));
    }
    return move.target();
  }

  @Override
  public Map<String, ModelVersion> aliases() {
    Map<String, ModelVersion> aliases = new TreeMap<>();
    for (Map.Entry<String, JsonNode> alias : list("aliases").properties()) {
      aliases.put(Ids.require("an alias", alias.getKey()), version(alias.getValue().asText()));
    }
    return aliases;
  }

  private ModelVersion version(String reference) {
    return ModelVersion.parse(reference)
        .orElseThrow(
            () -> new RegistryException("%s answers with '%.80s'".formatted(api, reference)));
  }

  @Override
  public List<AliasMove> aliasHistory(String alias) {
    if (!Ids.isId(alias)) {
      return List.of();
    }
    String path = "aliases/" + alias;
    return get(path).map(bytes -> moves(path, bytes)).orElse(List.of());
  }

  private List<AliasMove> moves(String path, byte[] bytes) {
    return checked(
        path,
        () -> {
          List<AliasMove> moves = new ArrayList<>();
          for (JsonNode element : new JsonFields(tree(path, bytes)).array("moves")) {
            JsonFields move = new JsonFields(element);
            moves.add(
                new AliasMove(
                    version(move.text("target")),
                    move.text("manifest_sha256"),
                    Instant.parse(move.text("moved_at")),
                    move.textOr("reason", "")));
          }
          return moves;
        });
  }

  @Override
  public void moveAlias(String alias, ModelVersion target, String reason) {
    ObjectNode body = json.createObjectNode();
    body.put("target", target.toString()).put("reason", reason);
    send("PUT", "aliases/" + Ids.require("an alias", alias), body);
  }

  @Override
  public ModelVersion rollback(String alias, String reason) {
    String path = "aliases/" + Ids.require("an alias", alias) + "/rollback";
    byte[] answer = send("POST", path, json.createObjectNode().put("reason", reason));
    return checked(path, () -> version(new JsonFields(tree(path, answer)).text("target")));
  }

  @Override
  public Manifest manifest(ModelVersion version) {
    try {
      return ManifestJson.read(version, manifestBytes(version));
    } catch (IllegalArgumentException e) {
      throw new ReleaseAlteredException(
          "the manifest of %s at %s was altered: %s".formatted(version, api, e.getMessage()), e);
    }
  }

  @Override
  public byte[] manifestBytes(ModelVersion version) {
    return get(manifestPath(version))
        .orElseThrow(() -> new RegistryException("%s has no %s".formatted(api, version)));
  }

  private static String manifestPath(ModelVersion version) {
    return releasePath(version) + "/manifest";
  }

  private static String releasePath(ModelVersion version) {
    return "models/%s/%d".formatted(version.name(), version.version());
  }

  @Override
  public Optional<byte[]> signature(ModelVersion version) {
    return get(releasePath(version) + "/signature");
  }

  @Override
  public InputStream read(ModelVersion version, String path, long offset) throws IOException {
    String file = releasePath(version) + "/files/" + Ids.requireFile(path);
    HttpRequest.Builder request = request(file);
    if (offset > 0) {
      request.header("Range", "bytes=" + offset + "-");
    }
    HttpResponse<InputStream> response = exchange(request.build());
    if (response.statusCode() != (offset > 0 ? 206 : 200)) {
      throw refusal(file, response);
    }
    return response.body();
  }

  private JsonNode list(String path) {
    return tree(path, get(path).orElseThrow(() -> new RegistryException(api + " is no registry")));
  }

  private JsonNode tree(String path, byte[] bytes) {
    try {
      return json.readTree(bytes);
    } catch (IOException e) {
      throw new RegistryException("%s%s answers with no JSON".formatted(api, path), e);
    }
  }

  /** Empty when the server says that there is no such thing. */
  private Optional<byte[]> get(String path) {
    try {
      HttpResponse<InputStream> response = exchange(request(path).build());
      if (response.statusCode() == NOT_FOUND) {
        response.body().close();
        return Optional.empty();
      }
      return Optional.of(body(path, response));
    } catch (IOException e) {
      throw unreachable(path, e);
    }
  }

  private byte[] send(String method, String path, ObjectNode body) {
    HttpRequest request =
        request(path)
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body.toString(), StandardCharsets.UTF_8))
            .build();
    try {
      return body(path, exchange(request));
    } catch (IOException e) {
      throw unreachable(path, e);
    }
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(api.resolve(encoded(path))).timeout(ANSWER);
    token.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
    return request;
  }

  /** The names that pass {@link Ids} need no escapes; this is a second lock on the same door. */
  private static String encoded(String path) {
    return URLEncoder.encode(path, StandardCharsets.UTF_8).replace("%2F", "/");
  }

  private HttpResponse<InputStream> exchange(HttpRequest request) throws IOException {
    try {
      return client.send(request, BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RegistryException("interrupted while waiting for " + api, e);
    }
  }

  private byte[] body(String path, HttpResponse<InputStream> response) throws IOException {
    if (response.statusCode() != 200) {
      throw refusal(path, response);
    }
    try (InputStream in = response.body()) {
      byte[] bytes = in.readNBytes(MAX_LIST_BYTES + 1);
      if (bytes.length > MAX_LIST_BYTES) {
        throw new RegistryException(
            "%s%s answers with more than %,d bytes".formatted(api, path, MAX_LIST_BYTES));
      }
      return bytes;
    }
  }

  private RegistryException refusal(String path, HttpResponse<InputStream> response)
      throws IOException {
    try (InputStream in = response.body()) {
      byte[] bytes = in.readNBytes(MAX_ERROR_BYTES);
      String message;
      try {
        message = json.readTree(bytes).at("/error/message").asText();
      } catch (IOException e) {
        message = "";
      }
      String refusal =
          "%s%s answers %d%s"
              .formatted(api, path, response.statusCode(), message.isEmpty() ? "" : ": " + message);
      return response.headers().firstValue(ALTERED).isPresent()
          ? new ReleaseAlteredException(refusal)
          : new RegistryException(refusal);
    }
  }

  private RegistryException unreachable(String path, IOException e) {
    return new RegistryException("%s%s can't be read: %s".formatted(api, path, e), e);
  }

  /** Reads an answer. */
  private interface Reading<T> {
    T read();
  }

  private <T> T checked(String path, Reading<T> reading) {
    try {
      return reading.read();
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new RegistryException(
          "%s%s answers with something else than it should: %s"
              .formatted(api, path, e.getMessage()),
          e);
    }
  }
}
