package io.freshet.dedup.testing;

import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.request.Request;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStore;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.blob.ShardWriter;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Sha256;
import io.freshet.vision.image.CanonicalEncoding;
import io.freshet.vision.image.RgbImage;

/** Images in a blob store, as ingest leaves them. */
public final class StoredImages implements AutoCloseable {
  private final BlobStore store;
  private final ShardWriter writer;

  public StoredImages(BlobConfig config) {
    this.store = BlobStores.open(config);
    this.writer = store.openShard("test-0");
  }

  /** A reference that is durable when this returns. */
  public BlobRef store(RgbImage image) {
    return store(CanonicalEncoding.encode(image));
  }

  public BlobRef store(byte[] content) {
    BlobRef ref = writer.append("image.png", content);
    writer.sync();
    return ref;
  }

  /** A request for a stored image whose hash says nothing. */
  public Request request(int number, RgbImage image) {
    return Requests.request(
        number, CanonicalEncoding.imageId(image), new BitCode(new long[4]), 0, store(image));
  }

  /** A reference to the same place with another digest. */
  public static BlobRef altered(BlobRef ref) {
    return new BlobRef(ref.getShard(), ref.getOffset(), ref.getLength(), new Sha256(new byte[32]));
  }

  @Override
  public void close() {
    try (store) {
      writer.close();
    }
  }
}
