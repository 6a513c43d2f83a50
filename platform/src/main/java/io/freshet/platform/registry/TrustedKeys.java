package io.freshet.platform.registry;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whose releases are used: anybody's while no key is named. Thread-safe. */
public final class TrustedKeys {
  /** Bytes of an Ed25519 signature. */
  static final int SIGNATURE_BYTES = 64;

  private final Map<Path, PublicKey> keys;

  private TrustedKeys(Map<Path, PublicKey> keys) {
    this.keys = Map.copyOf(keys);
  }

  /**
   * @throws IllegalArgumentException when a file holds no public key
   */
  public static TrustedKeys of(List<Path> files) {
    Map<Path, PublicKey> keys = new LinkedHashMap<>();
    files.forEach(file -> keys.put(file, Ed25519Keys.publicKey(file)));
    return new TrustedKeys(keys);
  }

  /**
   * @param manifest the bytes of {@code manifest.json}
   * @param signature as it lies beside the manifest
   * @throws ReleaseAlteredException when keys are named and none of them signed the manifest
   */
  void require(ModelVersion version, byte[] manifest, Optional<byte[]> signature) {
    if (!keys.isEmpty() && signer(manifest, signature).isEmpty()) {
      throw new ReleaseAlteredException(
          "%s is %s; use another version, or add its publisher's key to registry.signing.trusted_key_files"
              .formatted(
                  version,
                  signature.isEmpty() ? "not signed" : "signed by none of the trusted keys"));
    }
  }

  /** The file of the key that signed a manifest; empty when none of these did. */
  public Optional<Path> signer(byte[] manifest, Optional<byte[]> signature) {
    return signature.flatMap(
        bytes ->
            keys.entrySet().stream()
                .filter(key -> signed(key.getValue(), manifest, bytes))
                .map(Map.Entry::getKey)
                .findFirst());
  }

  private static boolean signed(PublicKey key, byte[] manifest, byte[] signature) {
    try {
      Signature verifier = Signature.getInstance(Ed25519Keys.ALGORITHM);
      verifier.initVerify(key);
      verifier.update(manifest);
      return verifier.verify(signature);
    } catch (SignatureException e) {
      // Not the form of a signature.
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("checking a signature", e);
    }
  }
}
