package io.freshet.trainer.watch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Sha256;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a watch must know after a restart. It is kept in the checkpoint as text.
 *
 * @param probe the probe's images, by reference
 * @param best the best value of each measure that is judged by it
 * @param standing the alarms that stand, text by measure
 */
public record WatchState(
    List<BlobRef> probe, Map<String, Double> best, Map<String, String> standing) {
  private static final ObjectMapper JSON = new ObjectMapper();

  public WatchState {
    probe = List.copyOf(probe);
    best = Collections.unmodifiableMap(new TreeMap<>(best));
    standing = Collections.unmodifiableMap(new TreeMap<>(standing));
  }

  /** Of a run that was not watched yet. */
  public static WatchState initial() {
    return new WatchState(List.of(), Map.of(), Map.of());
  }

  /** The form that {@link #parse} reads. */
  public String text() {
    ObjectNode json = JSON.createObjectNode();
    ArrayNode images = json.putArray("probe");
    for (BlobRef image : probe) {
      images
          .addArray()
          .add(image.getShard())
          .add(image.getOffset())
          .add(image.getLength())
          .add(HexFormat.of().formatHex(image.getSha256().bytes()));
    }
    ObjectNode bests = json.putObject("best");
    best.forEach(bests::put);
    ObjectNode alarms = json.putObject("standing");
    standing.forEach(alarms::put);
    return json.toString();
  }

  /**
   * @throws IllegalArgumentException when the text is not what {@link #text} wrote
   */
  public static WatchState parse(String text) {
    try {
      JsonNode json = JSON.readTree(text);
      List<BlobRef> probe = new ArrayList<>();
      for (JsonNode image : json.required("probe")) {
        probe.add(
            new BlobRef(
                image.required(0).textValue(),
                image.required(1).longValue(),
                image.required(2).intValue(),
                new Sha256(HexFormat.of().parseHex(image.required(3).textValue()))));
      }
      Map<String, Double> best = new TreeMap<>();
      json.required("best")
          .properties()
          .forEach(entry -> best.put(entry.getKey(), entry.getValue().doubleValue()));
      Map<String, String> standing = new TreeMap<>();
      json.required("standing")
          .properties()
          .forEach(entry -> standing.put(entry.getKey(), entry.getValue().textValue()));
      return new WatchState(probe, best, standing);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("no state of a collapse watch: " + e.getMessage(), e);
    }
  }
}
