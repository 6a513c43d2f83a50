package io.freshet.platform.registry;

import io.freshet.platform.config.DataSize;
import io.freshet.platform.objects.S3Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** The same promises on MinIO in a container; skipped where there is no Docker. */
@Testcontainers(disabledWithoutDocker = true)
class MinioRegistryIT extends ModelRegistryContract {
  private static final int PORT = 9000;
  private static final String KEY = "freshet-tests";
  private static final String SECRET = "freshet-tests-secret";

  @Container
  private static final GenericContainer<?> MINIO =
      new GenericContainer<>("minio/minio:RELEASE.2025-04-22T22-12-26Z")
          .withEnv("MINIO_ROOT_USER", KEY)
          .withEnv("MINIO_ROOT_PASSWORD", SECRET)
          .withCommand("server", "/data")
          .withExposedPorts(PORT);

  @Override
  RegistryFixture fixture(Path dir) {
    String endpoint = "http://%s:%d".formatted(MINIO.getHost(), MINIO.getMappedPort(PORT));
    String bucket = "test-" + UUID.randomUUID();
    S3Client client =
        S3Client.builder()
            .endpointOverride(URI.create(endpoint))
            .forcePathStyle(true)
            .region(Region.US_EAST_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create(KEY, SECRET)))
            .build();
    client.createBucket(r -> r.bucket(bucket));
    Path credentials = dir.resolve("credentials");
    try {
      Files.writeString(
          credentials,
          "[default]%naws_access_key_id = %s%naws_secret_access_key = %s%n".formatted(KEY, SECRET));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new ContainerBucketFixture(
        client,
        bucket,
        new S3Config(
            Optional.of("s3://" + bucket + "/registry"),
            Optional.of(endpoint),
            Optional.empty(),
            true,
            Optional.of(credentials),
            Optional.empty(),
            DataSize.ofMebibytes(5)));
  }

  @Override
  int trials() {
    return 50;
  }
}
