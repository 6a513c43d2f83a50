package io.freshet.platform.registry;

import io.freshet.platform.objects.S3Config;
import java.util.List;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/** A registry in a bucket of a server in a container. */
final class ContainerBucketFixture extends BucketFixture {
  private final S3Client client;
  private final String bucket;

  ContainerBucketFixture(S3Client client, String bucket, S3Config s3) {
    super(s3);
    this.client = client;
    this.bucket = bucket;
  }

  @Override
  List<String> allKeys() {
    return client.listObjectsV2Paginator(r -> r.bucket(bucket)).contents().stream()
        .map(S3Object::key)
        .toList();
  }

  @Override
  public byte[] read(String file) {
    return client
        .getObjectAsBytes(r -> r.bucket(bucket).key(PREFIX + "/" + file))
        .asByteArrayUnsafe();
  }

  @Override
  public void overwrite(String file, byte[] content) {
    client.putObject(
        r -> r.bucket(bucket).key(PREFIX + "/" + file), RequestBody.fromBytes(content));
  }

  @Override
  public void delete(String file) {
    client.deleteObject(r -> r.bucket(bucket).key(PREFIX + "/" + file));
  }

  @Override
  public void close() {
    client.close();
  }
}
