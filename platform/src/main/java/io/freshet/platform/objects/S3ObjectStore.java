package io.freshet.platform.objects;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * {@link ObjectStore} by the SDK of AWS. Reads, uploads and removals are repeated by the SDK; small
 * writes here, since a repeated write with a precondition must recognise itself.
 *
 * <p>Relies on reads and lists that show every write which was answered, as S3 has had them since
 * 2020. Thread-safe.
 */
public final class S3ObjectStore implements ObjectStore {
  private static final int MAX_ENTRIES = 1_000_000;
  private static final int MAX_WRITE_ATTEMPTS = 6;
  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;
  private static final int PRECONDITION_FAILED = 412;
  private static final int RANGE_BEYOND_END = 416;
  private static final int UNAVAILABLE = 503;

  private final S3Location location;
  private final S3Clients s3;
  private final long partBytes;
  private final long pauseMillis;

  private S3ObjectStore(S3Location location, S3Clients s3, long partBytes, long pauseMillis) {
    this.location = location;
    this.s3 = s3;
    this.partBytes = partBytes;
    this.pauseMillis = pauseMillis;
  }

  /**
   * Sends nothing yet.
   *
   * @throws IllegalArgumentException when no location is named, or no region found
   */
  public static S3ObjectStore open(S3Config config) {
    return open(config, Duration.ofMillis(200));
  }

  /**
   * @param pause about this long before a request is repeated the first time, doubled each time
   *     after
   */
  public static S3ObjectStore open(S3Config config, Duration pause) {
    S3Location location =
        S3Location.parse(
            config
                .location()
                .orElseThrow(() -> new IllegalArgumentException("no s3.location is named")));
    return new S3ObjectStore(
        location, S3Clients.of(config, pause), config.partSize().bytes(), pause.toMillis());
  }

  @Override
  public String place(String key) {
    return "s3://" + location.bucket() + "/" + location.key(key);
  }

  /** A request of the SDK, whose exceptions are unchecked. */
  private interface Request<T> {
    T send() throws IOException;
  }

  private <T> T send(String key, Request<T> request) throws IOException {
    try {
      return request.send();
    } catch (SdkException e) {
      throw failure(key, e);
    }
  }

  private IOException failure(String key, SdkException e) {
    return new IOException(reason(key, e), e);
  }

  private String reason(String key, SdkException e) {
    if (e instanceof S3Exception answer && answer.awsErrorDetails() != null) {
      return "%s: the storage answers %d %s: %.200s"
          .formatted(
              place(key),
              answer.statusCode(),
              answer.awsErrorDetails().errorCode(),
              answer.awsErrorDetails().errorMessage());
    }
    return "%s: %.300s".formatted(place(key), e.getMessage());
  }

  @Override
  public Optional<Long> size(String key) throws IOException {
    return send(key, () -> head(key).map(HeadObjectResponse::contentLength));
  }

  private Optional<HeadObjectResponse> head(String key) {
    try {
      return Optional.of(
          s3.repeating().headObject(r -> r.bucket(location.bucket()).key(location.key(key))));
    } catch (S3Exception e) {
      if (e.statusCode() == NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public Optional<Content> get(String key, int maxBytes) throws IOException {
    Optional<Content> found = send(key, () -> find(key, maxBytes));
    if (found.isPresent() && found.get().bytes().length > maxBytes) {
      throw new ObjectTooLargeException(place(key), size(key).orElse(maxBytes + 1L), maxBytes);
    }
    return found;
  }

  /** Of a larger object the beginning, one byte more than allowed. */
  private Optional<Content> find(String key, int maxBytes) {
    try {
      return Optional.of(
          s3.repeating()
              .getObject(
                  getRequest(key).build(),
                  (response, in) ->
                      new Content(beginning(response, in, maxBytes), response.eTag())));
    } catch (S3Exception e) {
      if (e.statusCode() == NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static byte[] beginning(GetObjectResponse response, InputStream in, int maxBytes)
      throws IOException {
    byte[] bytes = in.readNBytes(maxBytes + 1);
    if (bytes.length <= maxBytes && bytes.length != response.contentLength()) {
      // The SDK repeats the request then.
      throw RetryableException.create(
          "the answer ended after %,d of %,d bytes"
              .formatted(bytes.length, response.contentLength()));
    }
    return bytes;
  }

  private GetObjectRequest.Builder getRequest(String key) {
    return GetObjectRequest.builder().bucket(location.bucket()).key(location.key(key));
  }

  @Override
  public InputStream read(String key, long offset) throws IOException {
    GetObjectRequest.Builder request = getRequest(key);
    if (offset > 0) {
      request.range("bytes=" + offset + "-");
    }
    try {
      var in = s3.repeating().getObject(request.build());
      return new WholeInputStream(in, in.response().contentLength());
    } catch (S3Exception e) {
      if (e.statusCode() == RANGE_BEYOND_END) {
        return InputStream.nullInputStream();
      }
      if (e instanceof NoSuchKeyException) {
        throw new NoSuchFileException(place(key));
      }
      throw failure(key, e);
    } catch (SdkException e) {
      throw failure(key, e);
    }
  }

  @Override
  public List<Entry> list(String prefix) throws IOException {
    return send(
        prefix,
        () -> {
          List<Entry> entries = new ArrayList<>();
          for (S3Object object :
              s3.repeating()
                  .listObjectsV2Paginator(
                      r -> r.bucket(location.bucket()).prefix(location.key(prefix)))
                  .contents()) {
            requireFew(prefix, entries.size());
            entries.add(new Entry(below(object.key()), object.size(), object.lastModified()));
          }
          return entries;
        });
  }

  @Override
  public List<String> folders(String prefix) throws IOException {
    return send(
        prefix,
        () -> {
          List<String> folders = new ArrayList<>();
          for (CommonPrefix folder :
              s3.repeating()
                  .listObjectsV2Paginator(
                      r -> r.bucket(location.bucket()).prefix(location.key(prefix)).delimiter("/"))
                  .commonPrefixes()) {
            requireFew(prefix, folders.size());
            String below = below(folder.prefix());
            folders.add(below.substring(prefix.length(), below.length() - 1));
          }
          return folders;
        });
  }

  private void requireFew(String prefix, int entries) throws IOException {
    if (entries >= MAX_ENTRIES) {
      throw new IOException(
          "%s has more than %,d entries; use a prefix of its own"
              .formatted(place(prefix), entries));
    }
  }

  private String below(String key) {
    return key.substring(location.key("").length());
  }

  @Override
  public Optional<String> put(String key, byte[] content, Precondition precondition)
      throws IOException {
    PutObjectRequest.Builder request =
        PutObjectRequest.builder()
            .bucket(location.bucket())
            .key(location.key(key))
            .checksumSHA256(Sha256.base64(content));
    precondition.ifNoneMatch().ifPresent(request::ifNoneMatch);
    precondition.ifMatch().ifPresent(request::ifMatch);
    return put(key, content, request.build());
  }

  /**
   * A repetition may meet its own earlier self, whose answer was lost: then the content is the
   * same.
   */
  private Optional<String> put(String key, byte[] content, PutObjectRequest request)
      throws IOException {
    boolean uncertain = false;
    SdkException last = null;
    for (int attempt = 0; attempt < MAX_WRITE_ATTEMPTS; attempt++) {
      pause(key, attempt, last);
      try {
        return Optional.of(s3.once().putObject(request, RequestBody.fromBytes(content)).eTag());
      } catch (S3Exception e) {
        last = e;
        if (isRefusal(e, request)) {
          Optional<String> own = ownEtag(key, content, e);
          if (own.isPresent() || e.statusCode() != CONFLICT) {
            return own;
          }
        } else if (e.statusCode() >= 500) {
          uncertain |= e.statusCode() != UNAVAILABLE;
        } else if (!uncertain) {
          throw failure(key, e);
        } else {
          throw new UncertainWriteException(reason(key, e), e);
        }
      } catch (SdkClientException e) {
        last = e;
        uncertain |= !S3Clients.wasNotSent(e);
      }
    }
    if (uncertain) {
      return settle(key, content, last);
    }
    throw failure(key, last);
  }

  private static boolean isRefusal(S3Exception e, PutObjectRequest request) {
    return e.statusCode() == PRECONDITION_FAILED
        || e.statusCode() == CONFLICT
        || (e.statusCode() == NOT_FOUND
            && request.ifMatch() != null
            && !"NoSuchBucket".equals(e.awsErrorDetails().errorCode()));
  }

  private Optional<String> ownEtag(String key, byte[] content, SdkException cause)
      throws UncertainWriteException {
    try {
      return find(key, content.length)
          .filter(found -> Arrays.equals(found.bytes(), content))
          .map(Content::etag);
    } catch (SdkException e) {
      cause.addSuppressed(e);
      throw new UncertainWriteException(reason(key, cause), cause);
    }
  }

  private Optional<String> settle(String key, byte[] content, SdkException cause)
      throws UncertainWriteException {
    Optional<String> own = ownEtag(key, content, cause);
    if (own.isEmpty()) {
      throw new UncertainWriteException(reason(key, cause), cause);
    }
    return own;
  }

  private void pause(String key, int attempt, SdkException cause) throws IOException {
    if (attempt == 0) {
      return;
    }
    try {
      long longest = pauseMillis << (attempt - 1);
      Thread.sleep(longest / 2 + ThreadLocalRandom.current().nextLong(longest / 2 + 1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncertainWriteException(reason(key, cause) + "; interrupted", cause);
    }
  }

  @Override
  public Uploaded upload(String key, Path source) throws IOException {
    return send(
        key,
        () -> {
          long bytes = Files.size(source);
          S3Upload upload = new S3Upload(s3.repeating(), location.bucket(), location.key(key));
          return bytes <= partBytes
              ? upload.whole(source, bytes)
              : upload.inParts(source, bytes, partBytes);
        });
  }

  @Override
  public void delete(Collection<String> keys) throws IOException {
    for (String key : keys) {
      send(
          key,
          () ->
              s3.repeating().deleteObject(r -> r.bucket(location.bucket()).key(location.key(key))));
    }
  }

  @Override
  public List<UnfinishedUpload> unfinishedUploads(String prefix) throws IOException {
    return send(
        prefix,
        () -> {
          List<UnfinishedUpload> uploads = new ArrayList<>();
          for (MultipartUpload upload :
              s3.repeating()
                  .listMultipartUploadsPaginator(
                      r -> r.bucket(location.bucket()).prefix(location.key(prefix)))
                  .uploads()) {
            requireFew(prefix, uploads.size());
            uploads.add(
                new UnfinishedUpload(below(upload.key()), upload.uploadId(), upload.initiated()));
          }
          return uploads;
        });
  }

  @Override
  public void abort(UnfinishedUpload upload) throws IOException {
    send(
        upload.key(),
        () -> {
          new S3Upload(s3.repeating(), location.bucket(), location.key(upload.key()))
              .abort(upload.id());
          return null;
        });
  }

  @Override
  public void close() {
    s3.close();
  }
}
