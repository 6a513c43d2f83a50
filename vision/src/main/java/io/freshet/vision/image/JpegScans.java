package io.freshet.vision.image;

import java.util.Arrays;

/**
 * Which bits of which coefficients the scans of a JPEG have brought so far. A progressive file that
 * breaks off between two scans decodes without a warning; only this record tells.
 */
final class JpegScans {
  private static final int COEFFICIENTS = 64;
  private static final int MISSING = -1;

  private final boolean progressive;
  private final int[] componentIds;

  /** Lowest bit that has come, by component and coefficient. */
  private final int[][] lowestBit;

  JpegScans(boolean progressive, int[] componentIds) {
    this.progressive = progressive;
    this.componentIds = componentIds;
    this.lowestBit = new int[componentIds.length][COEFFICIENTS];
    for (int[] component : lowestBit) {
      Arrays.fill(component, MISSING);
    }
  }

  /** Reads a scan header. */
  void add(ByteReader in, int length) throws ImageRejectedException {
    int count = length < 1 ? 0 : in.u8();
    if (count < 1 || count > 4 || length != 4 + 2 * count) {
      throw ImageRejectedException.corrupt("JPEG scan header of %d bytes".formatted(length));
    }
    int[] ids = new int[count];
    for (int i = 0; i < count; i++) {
      ids[i] = in.u8();
      in.skip(1);
    }
    int first = progressive ? in.u8() : skipTo(in, 0);
    int last = progressive ? in.u8() : skipTo(in, COEFFICIENTS - 1);
    int bit = progressive ? in.u8() & 0xf : skipTo(in, 0);
    if (first > last || last >= COEFFICIENTS) {
      throw ImageRejectedException.corrupt(
          "JPEG scan of coefficients %d to %d".formatted(first, last));
    }
    for (int id : ids) {
      Arrays.fill(lowestBit[component(id)], first, last + 1, bit);
    }
  }

  private static int skipTo(ByteReader in, int value) throws ImageRejectedException {
    in.skip(1);
    return value;
  }

  private int component(int id) throws ImageRejectedException {
    for (int i = 0; i < componentIds.length; i++) {
      if (componentIds[i] == id) {
        return i;
      }
    }
    throw ImageRejectedException.corrupt("JPEG scan of the unknown component %d".formatted(id));
  }

  void requireComplete() throws ImageRejectedException {
    for (int[] component : lowestBit) {
      for (int bit : component) {
        if (bit != 0) {
          throw ImageRejectedException.truncated("JPEG ends before its last scan");
        }
      }
    }
  }
}
