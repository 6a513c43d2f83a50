package io.freshet.vision.transform;

/**
 * Crops and resizes as {@link Resampler} does, bit for bit, but from a picture in columns and into
 * planes. Keeps its buffers; one owner thread.
 */
final class ColumnResampler {
  /** Columns that wait to be turned back into rows, so that a row takes a cache line of them. */
  private static final int BATCH = 8;

  private static final int[] NONE = new int[0];

  private final ResampleWeights across = new ResampleWeights();
  private final ResampleWeights down = new ResampleWeights();

  /** Sums over columns; only the samples of the crop's rows are in use. */
  private int[][] narrow = {NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE};

  /** Rows after the horizontal pass: the channels side by side. */
  private int[][] rows = new int[0][];

  private int[] sums = NONE;

  /** Resizes {@code crop} to {@code width} x {@code height}, which is what {@code out} becomes. */
  void resize(PixelColumns in, Crop crop, int width, int height, Resampling filter, Planes out) {
    crop.requireInside(in.width(), in.height());
    across.compute(crop.width(), width, 0, width, filter);
    down.compute(crop.height(), height, 0, height, filter);
    reserve(3 * in.height(), crop.height(), 3 * width);
    int firstRow = down.first[0];
    int endRow = down.first[height - 1] + down.count[height - 1];
    int from = 3 * (crop.top() + firstRow);
    int to = 3 * (crop.top() + endRow);
    for (int x = 0; x < width; x += BATCH) {
      int batch = Math.min(BATCH, width - x);
      for (int i = 0; i < batch; i++) {
        sumColumns(in, crop.left(), x + i, narrow[i], from, to);
      }
      if (batch == BATCH) {
        turnBatch(from, to, x, width);
      } else {
        turn(from, to, x, batch, width);
      }
    }
    out.begin(width, height);
    for (int y = 0; y < height; y++) {
      sumRows(y, firstRow, 3 * width);
      for (int c = 0; c < Planes.CHANNELS; c++) {
        System.arraycopy(sums, c * width, out.plane(c), y * width, width);
      }
    }
  }

  private void reserve(int columnSamples, int rowCount, int rowSamples) {
    if (narrow[0].length < columnSamples) {
      narrow = new int[BATCH][columnSamples];
    }
    if (rows.length < rowCount || rows[0].length < rowSamples) {
      rows = new int[rowCount][rowSamples];
    }
    if (sums.length < rowSamples) {
      sums = new int[rowSamples];
    }
  }

  private void sumColumns(PixelColumns in, int left, int x, int[] out, int from, int to) {
    int first = left + across.first[x];
    int count = across.count[x];
    int start = x * across.taps;
    int last = first + count - 1;
    for (int t = 0; t < count; t += WeightedSums.TAPS) {
      int at = first + t;
      WeightedSums.add(
          in.column(at),
          in.column(Math.min(last, at + 1)),
          in.column(Math.min(last, at + 2)),
          in.column(Math.min(last, at + 3)),
          across.weights,
          start + t,
          count - t,
          t == 0,
          out,
          from,
          to);
    }
  }

  private void sumRows(int y, int firstRow, int length) {
    int first = down.first[y] - firstRow;
    int count = down.count[y];
    int start = y * down.taps;
    int last = first + count - 1;
    for (int t = 0; t < count; t += WeightedSums.TAPS) {
      int at = first + t;
      WeightedSums.add(
          rows[at],
          rows[Math.min(last, at + 1)],
          rows[Math.min(last, at + 2)],
          rows[Math.min(last, at + 3)],
          down.weights,
          start + t,
          count - t,
          t == 0,
          sums,
          0,
          length);
    }
  }

  private void turnBatch(int from, int to, int x, int width) {
    int[] a = narrow[0];
    int[] b = narrow[1];
    int[] c = narrow[2];
    int[] d = narrow[3];
    int[] e = narrow[4];
    int[] f = narrow[5];
    int[] g = narrow[6];
    int[] h = narrow[7];
    for (int i = from; i < to; i += 3) {
      int[] row = rows[(i - from) / 3];
      for (int channel = 0; channel < 3; channel++) {
        int at = channel * width + x;
        int sample = i + channel;
        row[at] = a[sample];
        row[at + 1] = b[sample];
        row[at + 2] = c[sample];
        row[at + 3] = d[sample];
        row[at + 4] = e[sample];
        row[at + 5] = f[sample];
        row[at + 6] = g[sample];
        row[at + 7] = h[sample];
      }
    }
  }

  private void turn(int from, int to, int x, int batch, int width) {
    for (int i = from; i < to; i++) {
      int[] row = rows[(i - from) / 3];
      int at = (i - from) % 3 * width + x;
      for (int j = 0; j < batch; j++) {
        row[at + j] = narrow[j][i];
      }
    }
  }
}
