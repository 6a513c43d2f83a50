package io.freshet.platform.registry;

import io.freshet.platform.testing.s3.S3Server;
import java.nio.file.Path;
import java.util.List;

/** A registry in the bucket of an {@link S3Server}, which lists in small pages. */
final class ServerBucketFixture extends BucketFixture {
  private final S3Server server;

  private ServerBucketFixture(S3Server server, Path dir) {
    super(server.config(dir, PREFIX));
    this.server = server;
  }

  static ServerBucketFixture in(Path dir) {
    S3Server server = S3Server.start();
    server.pageSize(7);
    return new ServerBucketFixture(server, dir);
  }

  S3Server server() {
    return server;
  }

  @Override
  List<String> allKeys() {
    return server.keys();
  }

  @Override
  public byte[] read(String file) {
    return server.content(PREFIX + "/" + file);
  }

  @Override
  public void overwrite(String file, byte[] content) {
    server.overwrite(PREFIX + "/" + file, content);
  }

  @Override
  public void delete(String file) {
    server.remove(PREFIX + "/" + file);
  }

  @Override
  public void close() {
    server.close();
  }
}
