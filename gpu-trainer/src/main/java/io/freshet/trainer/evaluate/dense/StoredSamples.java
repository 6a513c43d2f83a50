package io.freshet.trainer.evaluate.dense;

import io.freshet.trainer.evaluate.model.PatchTokens;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.RandomAccess;

/**
 * Samples in a temporary file, for the tokens of several blocks of many images don't fit on the
 * heap. Each {@link #get} reads one. The file goes with {@link #close}, or with the process. One
 * thread at a time.
 */
public final class StoredSamples extends AbstractList<DenseSample>
    implements RandomAccess, AutoCloseable {
  static final long MAX_BYTES = 64L << 30;

  private final Path file;
  private final FileChannel channel;
  private final long maxBytes;
  private final List<Entry> entries = new ArrayList<>();
  private long end;

  /** Where a sample lies: tokens and class token of each block, then the map. */
  private record Entry(
      Path image, long offset, int blocks, int rows, int columns, int dim, int pixels) {
    int tokenNumbers() {
      return blocks * (rows * columns + 1) * dim;
    }

    int bytes() {
      return Math.multiplyExact(Math.addExact(tokenNumbers(), pixels), Float.BYTES);
    }
  }

  /** An empty file in the system's temporary directory. */
  public StoredSamples() {
    this(MAX_BYTES);
  }

  StoredSamples(long maxBytes) {
    this.maxBytes = maxBytes;
    try {
      file = Files.createTempFile("freshet-tokens-", ".bin");
      channel =
          FileChannel.open(
              file,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
    } catch (IOException e) {
      throw new UncheckedIOException("can't keep tokens in the temporary directory", e);
    }
  }

  /**
   * Appends.
   *
   * @throws IllegalArgumentException when the file would become too large
   * @throws UncheckedIOException when the disk refuses; the samples before stay
   */
  @Override
  public boolean add(DenseSample sample) {
    PatchTokens first = sample.blocks().get(0);
    Entry entry =
        new Entry(
            sample.image(),
            end,
            sample.blocks().size(),
            first.rows(),
            first.columns(),
            first.dim(),
            sample.map().length);
    if (end + entry.bytes() > maxBytes) {
      throw new IllegalArgumentException(
          "the patch tokens of more than %,d images take over %,d MiB, the limit; give fewer images or a smaller --crop"
              .formatted(entries.size(), maxBytes >> 20));
    }
    ByteBuffer bytes = buffer(entry.bytes());
    FloatBuffer numbers = bytes.asFloatBuffer();
    sample.blocks().forEach(block -> numbers.put(block.tokens()).put(block.cls()));
    bytes.position(entry.tokenNumbers() * Float.BYTES);
    bytes.asIntBuffer().put(sample.map());
    write(bytes.rewind(), end);
    end += entry.bytes();
    entries.add(entry);
    return true;
  }

  private void write(ByteBuffer bytes, long offset) {
    try {
      long at = offset;
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "can't write %,d MiB of patch tokens to %s; make room or set another directory with -Djava.io.tmpdir"
              .formatted((offset + bytes.limit()) >> 20, file),
          e);
    }
  }

  @Override
  public DenseSample get(int index) {
    Entry entry = entries.get(index);
    ByteBuffer bytes = read(entry.offset(), entry.bytes());
    FloatBuffer numbers = bytes.asFloatBuffer();
    List<PatchTokens> blocks = new ArrayList<>();
    for (int block = 0; block < entry.blocks(); block++) {
      float[] tokens = new float[entry.rows() * entry.columns() * entry.dim()];
      float[] cls = new float[entry.dim()];
      numbers.get(tokens).get(cls);
      blocks.add(new PatchTokens(entry.rows(), entry.columns(), entry.dim(), tokens, cls));
    }
    return new DenseSample(entry.image(), blocks, map(index));
  }

  /** A sample's map alone. */
  public int[] map(int index) {
    Entry entry = entries.get(index);
    int[] map = new int[entry.pixels()];
    read(entry.offset() + (long) entry.tokenNumbers() * Float.BYTES, entry.pixels() * Integer.BYTES)
        .asIntBuffer()
        .get(map);
    return map;
  }

  private ByteBuffer read(long offset, int length) {
    ByteBuffer bytes = buffer(length);
    try {
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, offset + bytes.position()) < 0) {
          throw new EOFException("%s ends at %,d".formatted(file, channel.size()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("can't read patch tokens from " + file, e);
    }
    return bytes.flip();
  }

  private static ByteBuffer buffer(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
  }

  @Override
  public int size() {
    return entries.size();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("can't remove " + file, e);
    }
  }
}
