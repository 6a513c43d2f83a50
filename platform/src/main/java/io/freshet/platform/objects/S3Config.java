package io.freshet.platform.objects;

import io.freshet.platform.config.DataSize;
import java.io.Serializable;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How to reach S3-compatible storage. Holds no secret: keys lie in a file of the AWS format, or are
 * found as all AWS tools find them.
 *
 * @param location {@code s3://BUCKET[/PREFIX]}
 * @param endpoint {@code http(s)://HOST[:PORT]} of other storage than AWS's
 * @param region of the bucket; none: as all AWS tools find it, or {@code us-east-1} where an
 *     endpoint is named
 * @param pathStyle whether the bucket is the first step of the path instead of part of the host
 *     name
 * @param credentialsFile with {@code aws_access_key_id} and {@code aws_secret_access_key}, as
 *     {@code ~/.aws/credentials}; none: the default chain of AWS
 * @param profile the section of that file
 * @param partSize of files that are sent in parts, 5 MiB to 5 GiB
 */
public record S3Config(
    Optional<String> location,
    Optional<String> endpoint,
    Optional<String> region,
    boolean pathStyle,
    Optional<Path> credentialsFile,
    Optional<String> profile,
    DataSize partSize)
    implements Serializable {
  private static final long MIN_PART_BYTES = 5L << 20;
  private static final long MAX_PART_BYTES = 5L << 30;

  /** Storage is not used. */
  public static final S3Config NONE =
      new S3Config(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          false,
          Optional.empty(),
          Optional.empty(),
          DataSize.ofMebibytes(64));

  public S3Config {
    location.ifPresent(S3Location::parse);
    endpoint.ifPresent(S3Config::uri);
    region.ifPresent(
        name -> {
          if (!name.matches("[a-z0-9-]{1,63}")) {
            throw new IllegalArgumentException(
                "'%.80s' is no region; they are called such as eu-central-1".formatted(name));
          }
        });
    if (partSize.bytes() < MIN_PART_BYTES || partSize.bytes() > MAX_PART_BYTES) {
      throw new IllegalArgumentException(
          "part_size is %s; S3 takes parts of 5MiB to 5GiB".formatted(partSize));
    }
  }

  /** The same storage, another place. */
  public S3Config at(S3Location other) {
    return new S3Config(
        Optional.of(other.toString()),
        endpoint,
        region,
        pathStyle,
        credentialsFile,
        profile,
        partSize);
  }

  /** Where an endpoint is named. */
  Optional<URI> endpointUri() {
    return endpoint.map(S3Config::uri);
  }

  private static URI uri(String text) {
    try {
      URI uri = new URI(text);
      boolean isWeb = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (isWeb
          && uri.getHost() != null
          && uri.getUserInfo() == null
          && uri.getQuery() == null
          && uri.getFragment() == null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // Said below, without the text: it may hold a password.
    }
    throw new IllegalArgumentException(
        "the endpoint is no http(s)://HOST[:PORT] without user, query and fragment");
  }

  // Neither Optional nor Path is serializable, and Flink ships this record with its operators.
  private Object writeReplace() {
    return new Shipped(
        location.orElse(null),
        endpoint.orElse(null),
        region.orElse(null),
        pathStyle,
        credentialsFile.map(Path::toString).orElse(null),
        profile.orElse(null),
        partSize.bytes());
  }

  private record Shipped(
      String location,
      String endpoint,
      String region,
      boolean pathStyle,
      String credentialsFile,
      String profile,
      long partBytes)
      implements Serializable {
    private Object readResolve() {
      return new S3Config(
          Optional.ofNullable(location),
          Optional.ofNullable(endpoint),
          Optional.ofNullable(region),
          pathStyle,
          Optional.ofNullable(credentialsFile).map(Path::of),
          Optional.ofNullable(profile),
          new DataSize(partBytes));
    }
  }
}
