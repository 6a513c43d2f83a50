package io.freshet.vision.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalInt;

/** The one thing that is read of EXIF: how the camera was held. */
final class Exif {
  private static final int ORIENTATION_TAG = 0x0112;
  private static final int TYPE_SHORT = 3;
  private static final int ENTRY_BYTES = 12;

  private Exif() {}

  /**
   * The orientation of the first image directory; 1 where the block has none; empty where it is
   * damaged.
   *
   * @param tiff from the byte-order mark on
   */
  static OptionalInt orientation(byte[] tiff) {
    ByteBuffer in = ByteBuffer.wrap(tiff);
    if (in.limit() < 8) {
      return OptionalInt.empty();
    }
    short mark = in.getShort(0);
    if (mark == 0x4949) {
      in.order(ByteOrder.LITTLE_ENDIAN);
    } else if (mark != 0x4d4d) {
      return OptionalInt.empty();
    }
    int directory = in.getInt(4);
    if (in.getShort(2) != 42 || directory < 8 || directory > in.limit() - 2) {
      return OptionalInt.empty();
    }
    return orientation(in, directory);
  }

  private static OptionalInt orientation(ByteBuffer in, int directory) {
    int entries = in.getShort(directory) & 0xffff;
    for (int i = 0; i < entries; i++) {
      int entry = directory + 2 + i * ENTRY_BYTES;
      if (entry > in.limit() - ENTRY_BYTES) {
        return OptionalInt.empty();
      }
      if ((in.getShort(entry) & 0xffff) == ORIENTATION_TAG) {
        int value = in.getShort(entry + 8);
        boolean valid =
            in.getShort(entry + 2) == TYPE_SHORT
                && in.getInt(entry + 4) == 1
                && value >= 1
                && value <= 8;
        return valid ? OptionalInt.of(value) : OptionalInt.empty();
      }
    }
    return OptionalInt.of(1);
  }
}
