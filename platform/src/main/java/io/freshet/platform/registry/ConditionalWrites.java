package io.freshet.platform.registry;

import io.freshet.platform.objects.ObjectStore;
import io.freshet.platform.objects.Precondition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/**
 * Asks a storage whether it honours {@code If-None-Match: *} and {@code If-Match}. One that ignores
 * them stores whatever comes last: two publishers would take one number, and of two moves of an
 * alias one would be forgotten, without an error.
 */
final class ConditionalWrites {
  static final String PREFIX = "probe/";

  private ConditionalWrites() {}

  /**
   * Writes an object of its own, three times, and removes it.
   *
   * @throws RegistryException when they are ignored, or the storage can't be written
   */
  static void require(ObjectStore objects) {
    String key = PREFIX + UUID.randomUUID();
    try {
      String etag =
          objects
              .put(key, text("1"), Precondition.absent())
              .orElseThrow(() -> ignored(objects, "takes a new object for one that is there"));
      try {
        if (objects.put(key, text("2"), Precondition.absent()).isPresent()) {
          throw ignored(objects, "ignores If-None-Match: *");
        }
        if (objects.put(key, text("3"), Precondition.unchanged("\"0\"")).isPresent()) {
          throw ignored(objects, "ignores If-Match");
        }
        if (objects.put(key, text("4"), Precondition.unchanged(etag)).isEmpty()) {
          throw ignored(objects, "refuses If-Match with the ETag that it gave");
        }
      } finally {
        objects.delete(List.of(key));
      }
    } catch (IOException e) {
      throw new RegistryException(
          "the registry can't be written: %s; check address, region, keys and their permissions (s3:GetObject, PutObject, DeleteObject, ListBucket, AbortMultipartUpload, ListBucketMultipartUploads)"
              .formatted(e.getMessage()),
          e);
    }
  }

  private static RegistryException ignored(ObjectStore objects, String what) {
    return new RegistryException(
        "the storage of %s %s, so publishers could overwrite each other's releases; nothing is written there. Use storage with conditional writes (AWS S3, a current MinIO or Ceph), or a directory as the registry"
            .formatted(objects.place(""), what));
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
