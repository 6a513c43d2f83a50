package io.freshet.platform.testing.s3;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A request as it came.
 *
 * @param query decoded, by name
 */
record S3Request(
    String method,
    String rawPath,
    String rawQuery,
    TreeMap<String, String> query,
    Headers headers,
    byte[] body) {
  static S3Request read(HttpExchange exchange) throws IOException {
    String rawQuery = exchange.getRequestURI().getRawQuery();
    TreeMap<String, String> query = new TreeMap<>();
    if (rawQuery != null) {
      for (String pair : rawQuery.split("&", -1)) {
        String[] sides = pair.split("=", 2);
        query.put(decode(sides[0]), sides.length == 2 ? decode(sides[1]) : "");
      }
    }
    return new S3Request(
        exchange.getRequestMethod(),
        exchange.getRequestURI().getRawPath(),
        rawQuery == null ? "" : rawQuery,
        query,
        exchange.getRequestHeaders(),
        exchange.getRequestBody().readAllBytes());
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  String path() {
    return decode(rawPath.replace("+", "%2B"));
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(headers.getFirst(name));
  }

  Optional<String> parameter(String name) {
    return Optional.ofNullable(query.get(name));
  }
}
