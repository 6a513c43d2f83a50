package io.freshet.platform.testing.s3;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Checks that a request was signed with a key, AWS Signature Version 4 in a header. */
record SignatureV4(String accessKey, String secretKey) {
  private static final Pattern AUTHORIZATION =
      Pattern.compile(
          "AWS4-HMAC-SHA256 Credential=([^/]+)/(\\d{8})/([^/]+)/s3/aws4_request,"
              + " ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})");

  /**
   * @throws S3Refusal when it was not
   */
  void require(S3Request request) {
    Matcher given = AUTHORIZATION.matcher(request.header("Authorization").orElse(""));
    if (!given.matches()) {
      throw new S3Refusal(403, "AccessDenied");
    }
    if (!given.group(1).equals(accessKey)) {
      throw new S3Refusal(403, "InvalidAccessKeyId");
    }
    String payload = request.header("x-amz-content-sha256").orElse("");
    if (!payload.equals("UNSIGNED-PAYLOAD") && !payload.equals(hex(sha256(request.body())))) {
      throw new S3Refusal(400, "XAmzContentSHA256Mismatch");
    }
    String scope = "%s/%s/s3/aws4_request".formatted(given.group(2), given.group(3));
    String toSign =
        "AWS4-HMAC-SHA256\n%s\n%s\n%s"
            .formatted(
                request.header("x-amz-date").orElse(""),
                scope,
                hex(sha256(bytes(canonical(request, given.group(4), payload)))));
    byte[] key = hmac(bytes("AWS4" + secretKey), given.group(2));
    for (String step : new String[] {given.group(3), "s3", "aws4_request"}) {
      key = hmac(key, step);
    }
    if (!hex(hmac(key, toSign)).equals(given.group(5))) {
      throw new S3Refusal(403, "SignatureDoesNotMatch");
    }
  }

  private static String canonical(S3Request request, String signed, String payload) {
    String query =
        Arrays.stream(request.rawQuery().split("&"))
            .filter(pair -> !pair.isEmpty())
            .map(pair -> pair.contains("=") ? pair : pair + "=")
            .sorted()
            .collect(Collectors.joining("&"));
    String headers =
        Arrays.stream(signed.split(";"))
            .map(name -> name + ":" + request.header(name).orElse("").strip() + "\n")
            .collect(Collectors.joining());
    return String.join("\n", request.method(), request.rawPath(), query, headers, signed, payload);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  static byte[] sha256(byte[] content) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(content);
    } catch (GeneralSecurityException e) {
      throw new LinkageError("SHA-256", e);
    }
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(bytes(text));
    } catch (GeneralSecurityException e) {
      throw new LinkageError("HmacSHA256", e);
    }
  }
}
