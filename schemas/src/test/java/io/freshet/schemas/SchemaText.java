package io.freshet.schemas;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;

/** The JSON of schemas without what only Java or only people read. */
final class SchemaText {
  private static final ObjectMapper JSON = new ObjectMapper();

  private SchemaText() {}

  /** As published: complete, documented, without the hint which Java class a string becomes. */
  static String published(Schema schema) {
    return tree(schema, List.of("avro.java.string")).toPrettyString() + "\n";
  }

  /** What a reader or writer acts on: types, names, defaults, logical types. */
  static JsonNode meaning(Schema schema) {
    return tree(schema, List.of("avro.java.string", "doc"));
  }

  private static JsonNode tree(Schema schema, List<String> without) {
    try {
      return stripped(JSON.readTree(schema.toString()), without);
    } catch (JsonProcessingException e) {
      throw new AssertionError("a schema prints as JSON", e);
    }
  }

  private static JsonNode stripped(JsonNode node, List<String> without) {
    if (node instanceof ObjectNode object) {
      object.remove(without);
      if (object.size() == 1 && object.path("type").isTextual()) {
        return object.get("type");
      }
      for (String name : List.copyOf(names(object))) {
        object.set(name, stripped(object.get(name), without));
      }
    } else if (node.isArray()) {
      var array = JSON.createArrayNode();
      node.forEach(element -> array.add(stripped(element, without)));
      return array;
    }
    return node;
  }

  private static List<String> names(ObjectNode object) {
    return object.properties().stream().map(Map.Entry::getKey).toList();
  }
}
