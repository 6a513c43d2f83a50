package io.freshet.platform.blob;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 of objects. */
final class Digests {
  private Digests() {}

  static byte[] sha256(byte[] content) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(content);
    } catch (NoSuchAlgorithmException e) {
      throw new LinkageError("every Java platform has SHA-256", e);
    }
  }
}
