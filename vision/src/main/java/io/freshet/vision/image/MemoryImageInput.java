package io.freshet.vision.image;

import javax.imageio.stream.ImageInputStreamImpl;

/**
 * A body in memory as an ImageIO stream, which ends the decode when its time is over. Owned by the
 * decoding thread; holds nothing to close.
 */
final class MemoryImageInput extends ImageInputStreamImpl {
  private static final int READS_BETWEEN_CHECKS = 1024;

  private final byte[] bytes;
  private final int end;
  private final Deadline deadline;
  private int reads;

  MemoryImageInput(byte[] bytes, Deadline deadline) {
    this.bytes = bytes;
    this.end = bytes.length;
    this.deadline = deadline;
  }

  @Override
  public int read() {
    check();
    bitOffset = 0;
    if (streamPos >= end) {
      return -1;
    }
    return bytes[(int) streamPos++] & 0xff;
  }

  @Override
  public int read(byte[] out, int offset, int length) {
    check();
    bitOffset = 0;
    if (length == 0) {
      return 0;
    }
    if (streamPos >= end) {
      return -1;
    }
    int read = (int) Math.min(length, end - streamPos);
    System.arraycopy(bytes, (int) streamPos, out, offset, read);
    streamPos += read;
    return read;
  }

  @Override
  public long length() {
    return end;
  }

  private void check() {
    if (reads++ % READS_BETWEEN_CHECKS == 0) {
      deadline.check();
    }
  }
}
