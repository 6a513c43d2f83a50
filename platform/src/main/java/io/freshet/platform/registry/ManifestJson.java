package io.freshet.platform.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.freshet.schemas.TopicOffset;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code manifest.json} as {@code docs/registry-format.md} specifies it. */
final class ManifestJson {
  private ManifestJson() {}

  /**
   * @param publication makes two publications of one content distinguishable
   */
  static byte[] write(
      ModelVersion version,
      String publication,
      Instant createdAt,
      Map<String, ReleaseFile> files,
      Release release) {
    ObjectNode json =
        SealedJson.object()
            .put("format", 1)
            .put("name", version.name())
            .put("version", version.version())
            .put("publication", publication)
            .put("created_at", createdAt.toString())
            .put("architecture", release.architecture())
            .put("dim", release.dim())
            .put("patch", release.patch())
            .put("image_size", release.imageSize())
            .put("run_id", release.runId())
            .put("step", release.step())
            .put("images_seen", release.imagesSeen())
            .put("licence", release.licence());
    writeOffsets(json.putArray("offsets"), release.offsets());
    json.set("metrics", SealedJson.tree(release.metrics()));
    ArrayNode parents = json.putArray("parents");
    release.parents().forEach(parent -> parents.add(parent.toString()));
    json.set("embedding", SealedJson.tree(release.embedding()));
    writeAdapters(json.putArray("adapters"), release.adapters());
    ObjectNode listed = json.putObject("files");
    files.forEach(
        (path, file) ->
            listed.putObject(path).put("size", file.size()).put("sha256", file.sha256()));
    return SealedJson.seal(json);
  }

  private static void writeAdapters(ArrayNode array, List<ReleasedAdapter> adapters) {
    for (ReleasedAdapter adapter : adapters) {
      array
          .addObject()
          .put("other_space", adapter.otherSpace())
          .put("direction", adapter.direction().text())
          .put("kind", adapter.kind())
          .put("file", adapter.file())
          .put("recall_at_10", adapter.recallAt10());
    }
  }

  private static List<ReleasedAdapter> readAdapters(JsonFields json) {
    List<ReleasedAdapter> adapters = new ArrayList<>();
    if (json.object().has("adapters")) {
      for (JsonNode element : json.array("adapters")) {
        JsonFields adapter = new JsonFields(element);
        if (!element.path("recall_at_10").isNumber()) {
          throw new IllegalArgumentException("its adapter has no number recall_at_10");
        }
        adapters.add(
            new ReleasedAdapter(
                adapter.text("other_space"),
                ReleasedAdapter.Direction.parse(adapter.text("direction")),
                adapter.text("kind"),
                adapter.text("file"),
                element.get("recall_at_10").doubleValue()));
      }
    }
    return adapters;
  }

  private static void writeOffsets(ArrayNode array, List<TopicOffset> offsets) {
    for (TopicOffset offset : offsets) {
      array
          .addObject()
          .put("topic", offset.getTopic())
          .put("partition", offset.getPartition())
          .put("offset", offset.getOffset());
    }
  }

  /**
   * @throws IllegalArgumentException when the bytes aren't a manifest, or not what was sealed
   */
  static Manifest read(byte[] bytes) {
    SealedJson.Opened opened = SealedJson.open(bytes);
    JsonFields json = new JsonFields(opened.content()).requireFormat();
    return new Manifest(
        json.text("name"),
        json.integer("version"),
        json.text("publication"),
        instant(json.text("created_at")),
        readFiles(json.map("files")),
        readRelease(json),
        opened.sha256());
  }

  /** As {@link #read(byte[])}, of the release that was asked for. */
  static Manifest read(ModelVersion version, byte[] bytes) {
    Manifest manifest = read(bytes);
    if (!manifest.id().equals(version)) {
      throw new IllegalArgumentException("it belongs to " + manifest.id());
    }
    return manifest;
  }

  private static Release readRelease(JsonFields json) {
    return new Release(
        json.text("architecture"),
        json.integer("dim"),
        json.integer("patch"),
        json.integer("image_size"),
        json.text("run_id"),
        json.number("step"),
        json.number("images_seen"),
        readOffsets(json.array("offsets")),
        readMetrics(json.map("metrics")),
        readParents(json.array("parents")),
        SealedJson.map(json.map("embedding")),
        json.text("licence"),
        readAdapters(json));
  }

  private static List<TopicOffset> readOffsets(JsonNode array) {
    List<TopicOffset> offsets = new ArrayList<>();
    for (JsonNode element : array) {
      JsonFields json = new JsonFields(element);
      offsets.add(
          new TopicOffset(json.text("topic"), json.integer("partition"), json.number("offset")));
    }
    return offsets;
  }

  private static Map<String, Double> readMetrics(JsonNode object) {
    Map<String, Double> metrics = new HashMap<>();
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      if (!entry.getValue().isNumber()) {
        throw new IllegalArgumentException("its metric " + entry.getKey() + " is no number");
      }
      metrics.put(entry.getKey(), entry.getValue().doubleValue());
    }
    return metrics;
  }

  private static List<ModelVersion> readParents(JsonNode array) {
    List<ModelVersion> parents = new ArrayList<>();
    for (JsonNode element : array) {
      parents.add(
          ModelVersion.parse(element.asText())
              .orElseThrow(
                  () -> new IllegalArgumentException("its parent " + element + " is no release")));
    }
    return parents;
  }

  private static Map<String, ReleaseFile> readFiles(JsonNode object) {
    Map<String, ReleaseFile> files = new HashMap<>();
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      JsonFields json = new JsonFields(entry.getValue());
      files.put(entry.getKey(), new ReleaseFile(json.number("size"), json.text("sha256")));
    }
    return files;
  }

  private static Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("its time '" + text + "' is none", e);
    }
  }
}
