package io.freshet.platform.objects;

import io.freshet.platform.objects.ObjectStore.Uploaded;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchUploadException;

/**
 * A file on its way to become an object. Every part is digested before it is sent, so that the
 * storage refuses what was changed on the way, and what is stored is compared afterwards: by the
 * digest that the storage keeps, or by reading it back where it keeps none.
 *
 * <p>Owned by one thread. Throws the SDK's exceptions besides those it declares.
 */
final class S3Upload {
  private static final Logger LOG = LoggerFactory.getLogger(S3Upload.class);
  private static final int MAX_PARTS = 10_000;
  private static final int BUFFER_BYTES = 1 << 18;
  private static final String TYPE = "application/octet-stream";

  private final S3Client s3;
  private final String bucket;
  private final String key;

  S3Upload(S3Client s3, String bucket, String key) {
    this.s3 = s3;
    this.bucket = bucket;
    this.key = key;
  }

  Uploaded whole(Path source, long bytes) throws IOException {
    MessageDigest whole = Sha256.digest();
    try (FileSection section = new FileSection(source, 0, bytes)) {
      byte[] digest = section.digest(whole);
      String checksum = Sha256.base64Of(digest);
      s3.putObject(
          r -> r.bucket(bucket).key(key).contentLength(bytes).checksumSHA256(checksum),
          RequestBody.fromContentProvider(section, bytes, TYPE));
      Uploaded uploaded = new Uploaded(bytes, HexFormat.of().formatHex(digest));
      requireStored(uploaded, checksum);
      return uploaded;
    }
  }

  Uploaded inParts(Path source, long bytes, long wantedPartBytes) throws IOException {
    long partBytes = Math.max(wantedPartBytes, (bytes + MAX_PARTS - 1) / MAX_PARTS);
    String id =
        s3.createMultipartUpload(
                r -> r.bucket(bucket).key(key).checksumAlgorithm(ChecksumAlgorithm.SHA256))
            .uploadId();
    try {
      MessageDigest whole = Sha256.digest();
      MessageDigest ofDigests = Sha256.digest();
      List<CompletedPart> parts = new ArrayList<>();
      for (long offset = 0; offset < bytes; offset += partBytes) {
        long length = Math.min(partBytes, bytes - offset);
        parts.add(part(source, offset, length, id, parts.size() + 1, whole, ofDigests));
      }
      Uploaded uploaded = new Uploaded(bytes, HexFormat.of().formatHex(whole.digest()));
      String checksum = Sha256.base64Of(ofDigests.digest());
      complete(id, parts);
      requireStored(uploaded, checksum);
      return uploaded;
    } catch (IOException | SdkException e) {
      abortQuietly(id);
      throw e;
    }
  }

  private CompletedPart part(
      Path source,
      long offset,
      long length,
      String id,
      int number,
      MessageDigest whole,
      MessageDigest ofDigests)
      throws IOException {
    try (FileSection section = new FileSection(source, offset, length)) {
      byte[] digest = section.digest(whole);
      ofDigests.update(digest);
      String checksum = Sha256.base64Of(digest);
      String etag =
          s3.uploadPart(
                  r ->
                      r.bucket(bucket)
                          .key(key)
                          .uploadId(id)
                          .partNumber(number)
                          .contentLength(length)
                          .checksumSHA256(checksum),
                  RequestBody.fromContentProvider(section, length, TYPE))
              .eTag();
      return CompletedPart.builder().partNumber(number).eTag(etag).checksumSHA256(checksum).build();
    }
  }

  /** When the answer was lost the upload is gone, and the object tells. */
  private void complete(String id, List<CompletedPart> parts) {
    try {
      s3.completeMultipartUpload(
          r -> r.bucket(bucket).key(key).uploadId(id).multipartUpload(u -> u.parts(parts)));
    } catch (NoSuchUploadException e) {
      LOG.debug("the upload of {} is no longer there; the object is looked at", key);
    }
  }

  private void requireStored(Uploaded expected, String checksum) throws IOException {
    HeadObjectResponse found =
        s3.headObject(r -> r.bucket(bucket).key(key).checksumMode(ChecksumMode.ENABLED));
    if (found.contentLength() != expected.bytes()) {
      throw new IOException(
          "s3://%s/%s has %,d bytes after %,d were sent"
              .formatted(bucket, key, found.contentLength(), expected.bytes()));
    }
    // With parts, their number follows a dash.
    boolean same =
        found.checksumSHA256() == null
            ? readBack().equals(expected.sha256())
            : found.checksumSHA256().replaceFirst("-\\d+$", "").equals(checksum);
    if (!same) {
      throw new IOException(
          "s3://%s/%s has other bytes than were sent; the storage or a writer beside this one changed them"
              .formatted(bucket, key));
    }
  }

  private String readBack() throws IOException {
    MessageDigest digest = Sha256.digest();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = s3.getObject(r -> r.bucket(bucket).key(key))) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private void abortQuietly(String id) {
    try {
      abort(id);
    } catch (SdkException e) {
      LOG.warn(
          "parts of s3://{}/{} remain until they are collected: {}", bucket, key, e.toString());
    }
  }

  /** Frees the parts of an upload that is given up. */
  void abort(String id) {
    try {
      s3.abortMultipartUpload(r -> r.bucket(bucket).key(key).uploadId(id));
    } catch (NoSuchUploadException e) {
      LOG.debug("the upload of {} is no longer there", key);
    }
  }
}
