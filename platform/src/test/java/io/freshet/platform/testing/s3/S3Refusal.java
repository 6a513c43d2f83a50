package io.freshet.platform.testing.s3;

import java.nio.charset.StandardCharsets;

/** A request that S3 answers with an error. */
final class S3Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final int status;
  private final String code;

  S3Refusal(int status, String code) {
    super(status + " " + code);
    this.status = status;
    this.code = code;
  }

  S3Answer answer() {
    String body = "<Error><Code>%s</Code><Message>%s</Message></Error>".formatted(code, code);
    S3Answer answer =
        new S3Answer(status, S3Answer.of(status).headers(), body.getBytes(StandardCharsets.UTF_8));
    return answer.with("Content-Type", "application/xml");
  }
}
