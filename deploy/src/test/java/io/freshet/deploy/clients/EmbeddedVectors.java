package io.freshet.deploy.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.deploy.command.EmbedCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/** What {@code freshet embed} prints, which clients are held against. */
final class EmbeddedVectors {
  private static final ObjectMapper JSON = new ObjectMapper();

  private EmbeddedVectors() {}

  /**
   * @param arguments images and options
   */
  static String embed(Path release, List<String> arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(List.of(release.toString()));
    all.addAll(arguments);
    int code =
        new CommandLine(new EmbedCommand())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(all.toArray(String[]::new));
    assertEquals(0, code, err.toString());
    return out.toString();
  }

  /** The objects of a text, one a line, by image. */
  static Map<String, JsonNode> lines(String text) throws IOException {
    Map<String, JsonNode> byImage = new HashMap<>();
    for (String line : text.lines().toList()) {
      if (line.startsWith("{")) {
        JsonNode json = JSON.readTree(line);
        byImage.put(json.get("image").asText(), json);
      }
    }
    return byImage;
  }

  static double cosine(JsonNode a, JsonNode b) {
    assertEquals(a.size(), b.size());
    double dot = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.size(); i++) {
      dot += a.get(i).asDouble() * b.get(i).asDouble();
      aa += a.get(i).asDouble() * a.get(i).asDouble();
      bb += b.get(i).asDouble() * b.get(i).asDouble();
    }
    return dot / Math.sqrt(aa * bb);
  }
}
