package io.freshet.platform.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import java.util.TreeMap;

/** The body of every error: {@code {"error":{"message":"...","status":404}}}. */
final class ErrorJson {
  static final String CONTENT_TYPE = "application/json";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_MESSAGE_CHARS = 500;

  private ErrorJson() {}

  static String of(int status, String message) {
    String shown =
        message.length() <= MAX_MESSAGE_CHARS ? message : message.substring(0, MAX_MESSAGE_CHARS);
    try {
      return JSON.writeValueAsString(
          Map.of("error", new TreeMap<>(Map.of("status", status, "message", shown))));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("text and numbers are always JSON", e);
    }
  }
}
