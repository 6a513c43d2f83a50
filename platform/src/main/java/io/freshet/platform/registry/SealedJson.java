package io.freshet.platform.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * JSON that carries its own digest: {@code self_sha256} is the SHA-256 of the file with these 64
 * digits replaced by zeros, so that a change of any byte, blanks too, shows.
 */
final class SealedJson {
  static final String FIELD = "self_sha256";
  private static final String ZEROS = "0".repeat(64);
  private static final Pattern SEAL = Pattern.compile("\"self_sha256\" : \"([0-9a-f]{64})\"");
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  /** The content of a sealed file and its digest. */
  record Opened(JsonNode content, String sha256) {}

  private SealedJson() {}

  static ObjectNode object() {
    return JSON.createObjectNode();
  }

  static JsonNode tree(Object jsonValues) {
    return JSON.valueToTree(jsonValues);
  }

  @SuppressWarnings("unchecked") // The keys of a JSON object are text.
  static Map<String, Object> map(JsonNode object) {
    return JSON.convertValue(object, Map.class);
  }

  /**
   * @throws IllegalArgumentException when the content itself has the field of the seal
   */
  static byte[] seal(ObjectNode content) {
    try {
      String text = JSON.writeValueAsString(content.put(FIELD, ZEROS)) + "\n";
      Matcher seal = onlySeal(text);
      String digest = Digests.of(text.getBytes(StandardCharsets.UTF_8));
      return (text.substring(0, seal.start(1)) + digest + text.substring(seal.end(1)))
          .getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("content is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * @throws IllegalArgumentException when the bytes aren't what was sealed
   */
  static Opened open(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    Matcher seal = onlySeal(text);
    String found = seal.group(1);
    String zeroed = text.substring(0, seal.start(1)) + ZEROS + text.substring(seal.end(1));
    String digest = Digests.of(zeroed.getBytes(StandardCharsets.UTF_8));
    if (!digest.equals(found)) {
      throw new IllegalArgumentException(
          "its digest is %s, but it says %s".formatted(digest, found));
    }
    try {
      return new Opened(JSON.readTree(text), digest);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("it is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static Matcher onlySeal(String text) {
    Matcher seal = SEAL.matcher(text);
    if (!seal.find()) {
      throw new IllegalArgumentException("it has no " + FIELD);
    }
    int start = seal.start();
    if (seal.find()) {
      throw new IllegalArgumentException("it has more than one " + FIELD);
    }
    seal.find(start);
    return seal;
  }
}
