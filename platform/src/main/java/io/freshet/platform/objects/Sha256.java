package io.freshet.platform.objects;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** SHA-256 as S3 writes it. */
final class Sha256 {
  private Sha256() {}

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new LinkageError("every Java platform has SHA-256", e);
    }
  }

  static String base64(byte[] content) {
    return base64Of(digest().digest(content));
  }

  static String base64Of(byte[] digest) {
    return Base64.getEncoder().encodeToString(digest);
  }
}
