package io.freshet.platform.blob;

import java.security.SecureRandom;
import java.time.Clock;

/** Opens the blob store that a configuration names. */
public final class BlobStores {
  private BlobStores() {}

  /** Cheap: creates the directory when it is missing and reads nothing. The caller closes it. */
  public static BlobStore open(BlobConfig config) {
    return new LocalBlobStore(
        config, new DiskShardFiles(), Clock.systemUTC(), new SecureRandom()::nextLong);
  }
}
