package io.freshet.platform.objects;

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.profiles.ProfileFileSupplier;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/**
 * The clients of one configuration, over the same connections.
 *
 * @param repeating repeats what failed on the way
 * @param once sends each request once
 */
record S3Clients(S3Client repeating, S3Client once, SdkHttpClient http) implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration SILENCE = Duration.ofSeconds(60);
  private static final Duration ATTEMPT = Duration.ofMinutes(15);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(20);
  private static final int MAX_ATTEMPTS = 6;

  static S3Clients of(S3Config config, Duration pause) {
    SdkHttpClient http =
        UrlConnectionHttpClient.builder().connectionTimeout(CONNECT).socketTimeout(SILENCE).build();
    AwsCredentialsProvider credentials = credentials(config);
    RetryStrategy repeating =
        AwsRetryStrategy.standardRetryStrategy().toBuilder()
            .maxAttempts(MAX_ATTEMPTS)
            .backoffStrategy(BackoffStrategy.exponentialDelay(pause, LONGEST_PAUSE))
            .throttlingBackoffStrategy(
                BackoffStrategy.exponentialDelay(pause.multipliedBy(5), LONGEST_PAUSE))
            .build();
    return new S3Clients(
        client(config, http, credentials, repeating),
        client(config, http, credentials, AwsRetryStrategy.doNotRetry()),
        http);
  }

  /** Digests are sent and compared here, as SHA-256, which the manifest has too. */
  private static S3Client client(
      S3Config config,
      SdkHttpClient http,
      AwsCredentialsProvider credentials,
      RetryStrategy retries) {
    S3ClientBuilder builder =
        S3Client.builder()
            .httpClient(http)
            .credentialsProvider(credentials)
            .forcePathStyle(config.pathStyle())
            .serviceConfiguration(s3 -> s3.chunkedEncodingEnabled(false))
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .overrideConfiguration(o -> o.retryStrategy(retries).apiCallAttemptTimeout(ATTEMPT));
    config.endpointUri().ifPresent(builder::endpointOverride);
    if (config.region().isPresent()) {
      builder.region(Region.of(config.region().get()));
    } else if (config.endpoint().isPresent()) {
      builder.region(Region.US_EAST_1);
    }
    try {
      return builder.build();
    } catch (SdkClientException e) {
      throw new IllegalArgumentException(
          "no region of S3 is configured: set s3.region, or AWS_REGION, or s3.endpoint for other storage than AWS's (%.200s)"
              .formatted(e.getMessage()),
          e);
    }
  }

  private static AwsCredentialsProvider credentials(S3Config config) {
    if (config.credentialsFile().isEmpty()) {
      DefaultCredentialsProvider.Builder chain = DefaultCredentialsProvider.builder();
      config.profile().ifPresent(chain::profileName);
      return chain.build();
    }
    Path file = config.credentialsFile().get();
    String profile = config.profile().orElse("default");
    if (!Files.isReadable(file)) {
      throw new IllegalArgumentException(
          "s3.credentials_file %s can't be read; name a file as ~/.aws/credentials"
              .formatted(file));
    }
    try {
      // Keys that are replaced in the file are used from then on.
      ProfileCredentialsProvider provider =
          ProfileCredentialsProvider.builder()
              .profileFile(
                  ProfileFileSupplier.reloadWhenModified(file, ProfileFile.Type.CREDENTIALS))
              .profileName(profile)
              .build();
      provider.resolveCredentials();
      return provider;
    } catch (IllegalArgumentException | SdkClientException e) {
      // Without the cause: the text of a broken file may be part of its message.
      throw new IllegalArgumentException(
          "s3.credentials_file %s has no profile [%s] with aws_access_key_id and aws_secret_access_key"
              .formatted(file, profile));
    }
  }

  /** Whether a failure shows that the request never reached the storage. */
  static boolean wasNotSent(SdkClientException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof ConnectException || cause instanceof UnknownHostException) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() {
    repeating.close();
    once.close();
    http.close();
  }
}
