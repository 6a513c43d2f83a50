package io.freshet.platform.registry;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Ed25519 keys (RFC 8032) in PEM files, as {@code openssl genpkey} writes them. */
final class Ed25519Keys {
  static final String ALGORITHM = "Ed25519";

  private static final int MAX_BYTES = 16 << 10;
  private static final Pattern PEM =
      Pattern.compile("-----BEGIN ([A-Z ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----\\s*");
  private static final Set<PosixFilePermission> OTHERS =
      Set.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

  private Ed25519Keys() {}

  /**
   * @throws IllegalArgumentException when the file holds no such key or others may read it
   */
  static PrivateKey privateKey(Path file) {
    requireOwn(file);
    try {
      return KeyFactory.getInstance(ALGORITHM)
          .generatePrivate(new PKCS8EncodedKeySpec(pem(file, "PRIVATE KEY")));
    } catch (GeneralSecurityException e) {
      throw noKey(file, "private", "openssl genpkey -algorithm ed25519", e);
    }
  }

  /**
   * @throws IllegalArgumentException when the file holds no such key
   */
  static PublicKey publicKey(Path file) {
    try {
      return KeyFactory.getInstance(ALGORITHM)
          .generatePublic(new X509EncodedKeySpec(pem(file, "PUBLIC KEY")));
    } catch (GeneralSecurityException e) {
      throw noKey(file, "public", "openssl pkey -in KEY -pubout", e);
    }
  }

  private static IllegalArgumentException noKey(
      Path file, String kind, String remedy, GeneralSecurityException e) {
    return new IllegalArgumentException(
        "%s holds no Ed25519 %s key; make one with %s".formatted(file, kind, remedy), e);
  }

  private static byte[] pem(Path file, String type) {
    String text;
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new IllegalArgumentException("%s is larger than a key".formatted(file));
      }
      text = Files.readString(file, StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "the key file %s can't be read: %s".formatted(file, e.getClass().getSimpleName()), e);
    }
    Matcher matcher = PEM.matcher(text);
    if (!matcher.matches() || !matcher.group(1).equals(type)) {
      throw new IllegalArgumentException("%s must be a PEM file with one %s".formatted(file, type));
    }
    return Base64.getMimeDecoder().decode(matcher.group(2));
  }

  private static void requireOwn(Path file) {
    PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    try {
      if (view != null && view.readAttributes().permissions().stream().anyMatch(OTHERS::contains)) {
        throw new IllegalArgumentException(
            "others than its owner may read or write the private key %s; chmod 600 it, and think about who may have read it"
                .formatted(file));
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "the key file %s can't be read: %s".formatted(file, e.getClass().getSimpleName()), e);
    }
  }
}
