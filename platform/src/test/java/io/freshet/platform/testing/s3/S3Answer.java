package io.freshet.platform.testing.s3;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** What S3 answers. */
record S3Answer(int status, Map<String, String> headers, byte[] body) {
  static S3Answer of(int status) {
    return new S3Answer(status, new LinkedHashMap<>(), new byte[0]);
  }

  static S3Answer xml(String body) {
    return new S3Answer(
        200,
        new LinkedHashMap<>(Map.of("Content-Type", "application/xml")),
        ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + body).getBytes(StandardCharsets.UTF_8));
  }

  S3Answer with(String header, String value) {
    headers.put(header, value);
    return this;
  }
}
