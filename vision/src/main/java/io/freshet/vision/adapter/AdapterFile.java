package io.freshet.vision.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.freshet.vision.adapter.SpaceAdapter.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.stream.Stream;

/** An adapter as a JSON file; matrices are little-endian float32, row-major, in Base64. */
public final class AdapterFile {
  private static final long MAX_BYTES = 1L << 30;
  private static final ObjectMapper JSON = new ObjectMapper();

  private AdapterFile() {}

  public static void write(SpaceAdapter adapter, Path file) throws IOException {
    ObjectNode json =
        JSON.createObjectNode()
            .put("format", 1)
            .put("from_space", adapter.fromSpace())
            .put("to_space", adapter.toSpace())
            .put("kind", adapter.kind().text())
            .put("from_dim", adapter.fromDim())
            .put("to_dim", adapter.toDim())
            .put("recall_at_10", adapter.recallAt10())
            .put("left", text(adapter.left()))
            .put("right", text(adapter.right()))
            .put("offset", text(adapter.offset()));
    Files.write(file, JSON.writeValueAsBytes(json));
  }

  /**
   * @throws IllegalArgumentException when the file is no adapter
   */
  public static SpaceAdapter read(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new IllegalArgumentException(
          "%s has %,d bytes, the limit is %,d".formatted(file, Files.size(file), MAX_BYTES));
    }
    JsonNode json = JSON.readTree(Files.readAllBytes(file));
    try {
      if (json.path("format").asInt() != 1) {
        throw new IllegalArgumentException("it has another format than 1; upgrade");
      }
      String kind = json.path("kind").asText();
      return new SpaceAdapter(
          json.path("from_space").asText(),
          json.path("to_space").asText(),
          Stream.of(Kind.values())
              .filter(known -> known.text().equals(kind))
              .findFirst()
              .orElseThrow(() -> new IllegalArgumentException("its kind is '" + kind + "'")),
          floats(json.path("left").asText()),
          floats(json.path("right").asText()),
          floats(json.path("offset").asText()),
          json.path("from_dim").asInt(),
          json.path("to_dim").asInt(),
          json.path("recall_at_10").asDouble());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + " is no adapter: " + e.getMessage(), e);
    }
  }

  private static String text(float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return Base64.getEncoder().encodeToString(bytes.array());
  }

  private static float[] floats(String text) {
    byte[] bytes = Base64.getDecoder().decode(text);
    float[] values = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }
}
