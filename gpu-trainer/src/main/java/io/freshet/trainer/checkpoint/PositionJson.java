package io.freshet.trainer.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Sha256;
import io.freshet.trainer.data.BatchPlan;
import io.freshet.trainer.data.CompositionState;
import io.freshet.trainer.data.ReplayManifest;
import io.freshet.trainer.data.ReplayManifest.Bucket;
import io.freshet.trainer.data.Sample;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** The JSON form of a {@link TrainerPosition}; samples are arrays to keep it short. */
final class PositionJson {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private PositionJson() {}

  static ObjectNode write(TrainerPosition position) {
    ObjectNode json = NODES.objectNode();
    json.put("run_id", position.runId());
    json.put("seed", position.seed());
    json.put("step", position.step());
    json.put("images_seen", position.imagesSeen());
    CompositionState composition = position.composition();
    json.put("next_step", composition.nextStep());
    json.set("offsets", offsets(composition.offsets()));
    json.set("buffer", buffer(composition.buffer()));
    ArrayNode pending = json.putArray("pending");
    for (BatchPlan plan : composition.pending()) {
      ObjectNode entry = pending.addObject();
      entry.put("step", plan.step());
      entry.set("samples", samples(plan.samples()));
      entry.set("offsets", offsets(plan.offsets()));
    }
    ObjectNode counters = json.putObject("counters");
    position.counters().forEach(counters::put);
    ObjectNode notes = json.putObject("notes");
    position.notes().forEach(notes::put);
    return json;
  }

  /**
   * @throws IllegalArgumentException when a field is missing or has no sense
   */
  static TrainerPosition read(JsonNode json) {
    List<BatchPlan> pending =
        list(
            json.required("pending"),
            entry ->
                new BatchPlan(
                    entry.required("step").longValue(),
                    list(entry.required("samples"), PositionJson::sample),
                    offsets(entry.required("offsets"))));
    CompositionState composition =
        new CompositionState(
            json.required("next_step").longValue(),
            offsets(json.required("offsets")),
            buffer(json.required("buffer")),
            pending);
    Map<String, Double> counters = new TreeMap<>();
    json.required("counters")
        .properties()
        .forEach(entry -> counters.put(entry.getKey(), entry.getValue().doubleValue()));
    Map<String, String> notes = new TreeMap<>();
    json.required("notes")
        .properties()
        .forEach(entry -> notes.put(entry.getKey(), entry.getValue().textValue()));
    return new TrainerPosition(
        json.required("run_id").textValue(),
        json.required("seed").longValue(),
        json.required("step").longValue(),
        json.required("images_seen").longValue(),
        composition,
        counters,
        notes);
  }

  private static ObjectNode offsets(Map<Integer, Long> offsets) {
    ObjectNode json = NODES.objectNode();
    offsets.forEach((partition, offset) -> json.put(Integer.toString(partition), offset));
    return json;
  }

  private static Map<Integer, Long> offsets(JsonNode json) {
    Map<Integer, Long> offsets = new TreeMap<>();
    json.properties()
        .forEach(
            entry -> offsets.put(Integer.valueOf(entry.getKey()), entry.getValue().longValue()));
    return offsets;
  }

  private static ObjectNode buffer(ReplayManifest manifest) {
    ObjectNode json = NODES.objectNode();
    json.put("admitted", manifest.admitted());
    json.put("repeated", manifest.repeated());
    json.put("offered", manifest.offered());
    json.set("fresh", samples(manifest.fresh()));
    ArrayNode balanced = json.putArray("balanced");
    for (Bucket bucket : manifest.balanced()) {
      ObjectNode entry = balanced.addObject();
      entry.put("name", bucket.name());
      entry.put("offered", bucket.offered());
      entry.set("samples", samples(bucket.samples()));
    }
    ArrayNode quarantined = json.putArray("quarantined");
    manifest.quarantined().forEach(quarantined::add);
    return json;
  }

  private static ReplayManifest buffer(JsonNode json) {
    return new ReplayManifest(
        json.required("admitted").longValue(),
        json.required("repeated").longValue(),
        json.required("offered").longValue(),
        list(json.required("fresh"), PositionJson::sample),
        list(
            json.required("balanced"),
            entry ->
                new Bucket(
                    entry.required("name").textValue(),
                    entry.required("offered").longValue(),
                    list(entry.required("samples"), PositionJson::sample))),
        // Checkpoints of earlier builds have no such list.
        list(json.path("quarantined"), JsonNode::textValue));
  }

  private static ArrayNode samples(List<Sample> samples) {
    ArrayNode json = NODES.arrayNode();
    for (Sample sample : samples) {
      BlobRef blob = sample.blob();
      json.addArray()
          .add(sample.imageId())
          .add(blob.getShard())
          .add(blob.getOffset())
          .add(blob.getLength())
          .add(HexFormat.of().formatHex(blob.getSha256().bytes()))
          .add(sample.dataset())
          .add(sample.concept());
    }
    return json;
  }

  private static Sample sample(JsonNode json) {
    BlobRef blob =
        new BlobRef(
            json.required(1).textValue(),
            json.required(2).longValue(),
            json.required(3).intValue(),
            new Sha256(HexFormat.of().parseHex(json.required(4).textValue())));
    return new Sample(
        json.required(0).textValue(),
        blob,
        json.required(5).textValue(),
        json.required(6).textValue());
  }

  private static <T> List<T> list(JsonNode json, Function<JsonNode, T> element) {
    List<T> elements = new ArrayList<>(json.size());
    json.forEach(node -> elements.add(element.apply(node)));
    return elements;
  }
}
