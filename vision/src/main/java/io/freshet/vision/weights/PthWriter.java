package io.freshet.vision.weights;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes {@code .pth} files that {@code torch.load(weights_only=True)} reads: the zip archive of
 * {@code torch.save} with a pickle of nothing but names and tensors. Equal tensors give equal
 * bytes.
 */
public final class PthWriter {

  private static final String ROOT = "archive/";

  /** A fixed time; with that of the format's first day, Java adds a field of its own. */
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 2, 1, 0, 0);

  private static final int LOCAL_HEADER_BYTES = 30;
  private static final int ALIGNMENT = 64;
  private static final short PADDING = 0x4246;
  private static final int CHUNK_BYTES = 1 << 16;

  private final ZipOutputStream zip;
  private long position;

  private PthWriter(ZipOutputStream zip) {
    this.zip = zip;
  }

  /**
   * Writes a state dictionary and forces it to the disk; {@code file} must not exist. Tensors keep
   * their order.
   */
  public static void write(Path file, StateDict tensors) throws IOException {
    write(file, PthPickle.stateDict(tensors), tensors);
  }

  /** The same as the value of {@code key} in a dictionary, as training checkpoints have it. */
  public static void write(Path file, String key, StateDict tensors) throws IOException {
    write(file, PthPickle.nested(key, tensors), tensors);
  }

  private static void write(Path file, byte[] pickle, StateDict tensors) throws IOException {
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        ZipOutputStream zip =
            new ZipOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel)))) {
      PthWriter writer = new PthWriter(zip);
      writer.store("data.pkl", ByteBuffer.wrap(pickle));
      writer.store("byteorder", ascii("little"));
      int storage = 0;
      for (WeightTensor tensor : tensors.tensors().values()) {
        writer.store("data/" + storage++, tensor.bytes());
      }
      writer.store("version", ascii("3\n"));
      zip.finish();
      zip.flush();
      channel.force(true);
    }
  }

  /** Stores an entry whose data begins at a multiple of 64 bytes, which lets torch map it. */
  private void store(String name, ByteBuffer content) throws IOException {
    byte[] path = (ROOT + name).getBytes(StandardCharsets.UTF_8);
    CRC32 crc = new CRC32();
    crc.update(content.duplicate());
    byte[] padding = padding(position + LOCAL_HEADER_BYTES + path.length);
    ZipEntry entry = new ZipEntry(ROOT + name);
    entry.setMethod(ZipEntry.STORED);
    entry.setTimeLocal(TIME);
    entry.setSize(content.remaining());
    entry.setCrc(crc.getValue());
    entry.setExtra(padding);
    position += LOCAL_HEADER_BYTES + path.length + padding.length + content.remaining();
    zip.putNextEntry(entry);
    byte[] chunk = new byte[Math.min(CHUNK_BYTES, content.remaining())];
    while (content.hasRemaining()) {
      int length = Math.min(chunk.length, content.remaining());
      content.get(chunk, 0, length);
      zip.write(chunk, 0, length);
    }
    zip.closeEntry();
  }

  /** An extra field of that length that readers skip. */
  private static byte[] padding(long unpadded) {
    int header = 2 * Short.BYTES;
    int fill = (int) Math.floorMod(-(unpadded + header), (long) ALIGNMENT);
    return ByteBuffer.allocate(header + fill)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putShort(PADDING)
        .putShort((short) fill)
        .array();
  }

  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }
}
