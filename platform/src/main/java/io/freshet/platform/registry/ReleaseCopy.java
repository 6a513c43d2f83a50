package io.freshet.platform.registry;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongConsumer;

/**
 * A release on its way into a local directory: beside the target, every file compared with its size
 * and SHA-256, everything synced, then renamed. The target is the whole release or not there.
 *
 * @param manifest what was checked
 * @param bytes of {@code manifest.json}
 * @param signature what lies beside it
 */
record ReleaseCopy(Manifest manifest, byte[] bytes, Optional<byte[]> signature) {
  private static final int BUFFER_BYTES = 1 << 18;
  private static final int MAX_BREAKS = 5;

  /** Where its files are read. */
  @FunctionalInterface
  interface Source {
    /** A file from a position on; the caller closes it. */
    InputStream read(String path, long offset) throws IOException;
  }

  /**
   * @param target must not be there
   * @param progress told the number of bytes each time some arrived
   * @throws ReleaseAlteredException when the source has other bytes than were published
   * @throws IOException when the source or the disk failed; nothing stays behind
   */
  void make(Source source, Path target, LongConsumer progress) throws IOException {
    ReleaseFiles files = new DiskReleaseFiles();
    Path staging =
        target.resolveSibling(".%s.%s".formatted(target.getFileName(), UUID.randomUUID()));
    try {
      files.createDirectories(staging);
      for (Map.Entry<String, ReleaseFile> file : manifest.files().entrySet()) {
        Path copy = staging.resolve(file.getKey());
        files.createDirectories(copy.getParent());
        copy(source, file.getKey(), file.getValue(), copy, progress);
        files.syncDirectory(copy.getParent());
      }
      if (signature.isPresent()) {
        files.write(staging.resolve(Manifest.SIGNATURE), signature.get());
      }
      files.write(staging.resolve(Manifest.FILE), bytes);
      files.syncDirectory(staging);
      files.rename(staging, target);
      files.syncDirectory(target.getParent());
    } finally {
      StagedCopies.delete(staging);
    }
  }

  private void copy(
      Source source, String path, ReleaseFile expected, Path target, LongConsumer progress)
      throws IOException {
    MessageDigest digest = Digests.sha256();
    long size = 0;
    try (FileChannel out =
        FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int breaks = 0; ; breaks++) {
        try (InputStream in = source.read(path, size)) {
          for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            size += read;
            if (size > expected.size()) {
              break;
            }
            digest.update(buffer, 0, read);
            write(out, buffer, read);
            progress.accept(read);
          }
          break;
        } catch (IOException e) {
          // A broken connection: go on where it broke. The disk's failures end here too, and again.
          if (breaks == MAX_BREAKS || size != out.position()) {
            throw e;
          }
        }
      }
      out.force(true);
    }
    ReleaseFile found = new ReleaseFile(size, Digests.hex(digest));
    if (!found.equals(expected)) {
      throw new ReleaseAlteredException(
          "%s of %s has other bytes than were published (%,d bytes, SHA-256 %s instead of %,d, %s)"
              .formatted(
                  path,
                  manifest.id(),
                  found.size(),
                  found.sha256(),
                  expected.size(),
                  expected.sha256()));
    }
  }

  private static void write(FileChannel out, byte[] buffer, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count);
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
