package io.freshet.platform.registry;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;

/** Signs manifests, and with them the releases whose files they list. Thread-safe. */
final class ReleaseSigner {
  private final PrivateKey key;

  private ReleaseSigner(PrivateKey key) {
    this.key = key;
  }

  /**
   * @throws IllegalArgumentException when the file holds no key or others may read it
   */
  static ReleaseSigner of(Path keyFile) {
    return new ReleaseSigner(Ed25519Keys.privateKey(keyFile));
  }

  /** The 64 bytes of an Ed25519 signature. */
  byte[] sign(byte[] manifest) {
    try {
      Signature signature = Signature.getInstance(Ed25519Keys.ALGORITHM);
      signature.initSign(key);
      signature.update(manifest);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("signing", e);
    }
  }
}
