package io.freshet.vision.image;

/**
 * The run-length coded pixels of a BMP of 4 or 8 bits. Pixels that the stream jumps over stay
 * white. The stream must end with its own mark.
 */
final class BmpRunLengths {
  private static final int END_OF_LINE = 0;
  private static final int END_OF_BITMAP = 1;
  private static final int DELTA = 2;

  private final ByteReader in;
  private final boolean nibbles;
  private final int[] colours;
  private final Canvas canvas;
  private final Deadline deadline;
  private int x;
  private int row;

  BmpRunLengths(ByteReader in, BmpHeader header, int[] colours, Canvas canvas, Deadline deadline) {
    this.in = in;
    this.nibbles = header.compression() == BmpHeader.RLE4;
    this.colours = colours;
    this.canvas = canvas;
    this.deadline = deadline;
  }

  void read() throws ImageRejectedException {
    while (true) {
      int count = in.u8();
      int value = in.u8();
      if (count > 0) {
        run(count, value);
      } else if (value == END_OF_LINE) {
        deadline.check();
        x = 0;
        row++;
      } else if (value == END_OF_BITMAP) {
        return;
      } else if (value == DELTA) {
        x += in.u8();
        row += in.u8();
      } else {
        literal(value);
      }
    }
  }

  private void run(int count, int value) throws ImageRejectedException {
    for (int i = 0; i < count; i++) {
      put(nibbles ? ((i & 1) == 0 ? value >> 4 : value & 0xf) : value);
    }
  }

  private void literal(int count) throws ImageRejectedException {
    int bytes = nibbles ? (count + 1) / 2 : count;
    int packed = 0;
    for (int i = 0; i < count; i++) {
      if (!nibbles) {
        put(in.u8());
      } else {
        packed = (i & 1) == 0 ? in.u8() : packed << 4;
        put((packed >> 4) & 0xf);
      }
    }
    in.skip(bytes & 1);
  }

  /** Pixels right of the last column are padding that some writers leave. */
  private void put(int index) throws ImageRejectedException {
    if (row >= canvas.height) {
      throw ImageRejectedException.corrupt("BMP runs reach above the first row");
    }
    if (x < canvas.width) {
      BmpDecoder.layIndexed(colours, index, canvas, x, canvas.height - 1 - row);
    }
    x++;
  }
}
