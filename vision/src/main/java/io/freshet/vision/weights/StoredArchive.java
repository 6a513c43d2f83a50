package io.freshet.vision.weights;

import io.freshet.vision.weights.MalformedWeightsException.Defect;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * A zip archive whose entries lie in it as they are, which is how {@code torch.save} writes them:
 * an entry is a slice of the mapped file, so that a checkpoint larger than the heap can be read and
 * no entry unpacks to more than its file holds. Each entry's CRC-32 is compared when it is asked
 * for. The file must not change while slices are in use.
 */
final class StoredArchive {

  static final int MAX_ENTRIES = 100_000;

  private static final int MAX_DIRECTORY_BYTES = 64 << 20;
  private static final int END_SIGNATURE = 0x06054b50;
  private static final int END_BYTES = 22;
  private static final int MAX_COMMENT_BYTES = 0xffff;
  private static final int END64_LOCATOR_SIGNATURE = 0x07064b50;
  private static final int END64_LOCATOR_BYTES = 20;
  private static final int END64_SIGNATURE = 0x06064b50;
  private static final int END64_BYTES = 56;
  private static final int DIRECTORY_SIGNATURE = 0x02014b50;
  private static final int DIRECTORY_ENTRY_BYTES = 46;
  private static final int LOCAL_SIGNATURE = 0x04034b50;
  private static final int LOCAL_BYTES = 30;
  private static final int EXTRA_ZIP64 = 1;
  private static final long IN_EXTRA = 0xffffffffL;

  /** Where the directory of entries lies. */
  private record Directory(long offset, long bytes, long entries) {}

  /** One entry; {@code header} is the position of its local header. */
  private record Entry(boolean stored, long packed, long bytes, int crc, long header) {}

  private final Path file;
  private final long size;
  private final long dataEnd;
  private final Map<String, Entry> entries;

  private StoredArchive(Path file, long size, long dataEnd, Map<String, Entry> entries) {
    this.file = file;
    this.size = size;
    this.dataEnd = dataEnd;
    this.entries = Collections.unmodifiableMap(entries);
  }

  /**
   * Reads the directory of entries.
   *
   * @throws MalformedWeightsException {@link Defect#INVALID_ARCHIVE} when {@code file} is no zip
   *     archive or its directory is damaged
   */
  static StoredArchive open(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      Directory directory = directory(channel, size);
      if (directory.entries() > MAX_ENTRIES || directory.bytes() > MAX_DIRECTORY_BYTES) {
        throw invalid(
            "%d entries in a directory of %d bytes, the limits are %d and %d"
                .formatted(
                    directory.entries(), directory.bytes(), MAX_ENTRIES, MAX_DIRECTORY_BYTES));
      }
      if (directory.offset() < 0
          || directory.bytes() < 0
          || directory.offset() > size - directory.bytes()) {
        throw invalid("the archive's directory lies outside of the file, which is damaged");
      }
      ByteBuffer bytes = read(channel, directory.offset(), (int) directory.bytes());
      return new StoredArchive(file, size, directory.offset(), entries(bytes, directory.entries()));
    }
  }

  private static Directory directory(FileChannel channel, long size) throws IOException {
    int tailBytes = (int) Math.min(size, END_BYTES + MAX_COMMENT_BYTES);
    ByteBuffer tail = read(channel, size - tailBytes, tailBytes);
    for (int at = tailBytes - END_BYTES; at >= 0; at--) {
      if (tail.getInt(at) == END_SIGNATURE
          && at + END_BYTES + unsigned(tail.getShort(at + 20)) == tailBytes) {
        Directory directory =
            new Directory(
                unsigned(tail.getInt(at + 16)),
                unsigned(tail.getInt(at + 12)),
                unsigned(tail.getShort(at + 10)));
        return directory64(channel, size - tailBytes + at, directory);
      }
    }
    throw invalid("no zip archive, or its end is missing; save it with PyTorch 1.6 or later");
  }

  /** What the zip64 record says, if one precedes the end record at {@code end}. */
  private static Directory directory64(FileChannel channel, long end, Directory directory)
      throws IOException {
    if (end < END64_LOCATOR_BYTES) {
      return directory;
    }
    ByteBuffer locator = read(channel, end - END64_LOCATOR_BYTES, END64_LOCATOR_BYTES);
    if (locator.getInt(0) != END64_LOCATOR_SIGNATURE) {
      return directory;
    }
    long at = locator.getLong(8);
    if (at < 0 || at > end - END64_LOCATOR_BYTES - END64_BYTES) {
      throw invalid("the archive's zip64 record lies outside of the file, which is damaged");
    }
    ByteBuffer record = read(channel, at, END64_BYTES);
    if (record.getInt(0) != END64_SIGNATURE) {
      throw invalid("the archive's zip64 record is damaged");
    }
    return new Directory(record.getLong(48), record.getLong(40), record.getLong(32));
  }

  private static Map<String, Entry> entries(ByteBuffer directory, long count) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    int at = 0;
    for (long i = 0; i < count; i++) {
      if (at > directory.limit() - DIRECTORY_ENTRY_BYTES
          || directory.getInt(at) != DIRECTORY_SIGNATURE) {
        throw invalid("the archive's directory is damaged at entry " + i);
      }
      int nameBytes = unsigned(directory.getShort(at + 28));
      int extraBytes = unsigned(directory.getShort(at + 30));
      int commentBytes = unsigned(directory.getShort(at + 32));
      int extra = at + DIRECTORY_ENTRY_BYTES + nameBytes;
      if (extra + extraBytes + commentBytes > directory.limit()) {
        throw invalid("the archive's directory ends inside of entry " + i);
      }
      byte[] name = new byte[nameBytes];
      directory.get(at + DIRECTORY_ENTRY_BYTES, name);
      String text = new String(name, StandardCharsets.UTF_8);
      Entry entry = entry(directory, at, directory.slice(extra, extraBytes));
      if (entries.putIfAbsent(text, entry) != null) {
        throw invalid("the archive has two entries " + text);
      }
      at = extra + extraBytes + commentBytes;
    }
    return entries;
  }

  private static Entry entry(ByteBuffer directory, int at, ByteBuffer extra) {
    ByteBuffer wide = zip64(extra.order(ByteOrder.LITTLE_ENDIAN));
    boolean encrypted = (directory.getShort(at + 8) & 1) != 0;
    boolean stored = directory.getShort(at + 10) == 0 && !encrypted;
    int crc = directory.getInt(at + 16);
    long bytes = wide(unsigned(directory.getInt(at + 24)), wide);
    long packed = wide(unsigned(directory.getInt(at + 20)), wide);
    long header = wide(unsigned(directory.getInt(at + 42)), wide);
    return new Entry(stored, packed, bytes, crc, header);
  }

  /** The 64-bit numbers of an entry, in the order of the fields that they stand for. */
  private static ByteBuffer zip64(ByteBuffer extra) {
    int at = 0;
    while (at + 4 <= extra.limit()) {
      int length = unsigned(extra.getShort(at + 2));
      if (at + 4 + length > extra.limit()) {
        break;
      }
      if (extra.getShort(at) == EXTRA_ZIP64) {
        return extra.slice(at + 4, length).order(ByteOrder.LITTLE_ENDIAN);
      }
      at += 4 + length;
    }
    return ByteBuffer.allocate(0);
  }

  private static long wide(long narrow, ByteBuffer wide) {
    return narrow == IN_EXTRA && wide.remaining() >= Long.BYTES ? wide.getLong() : narrow;
  }

  /** The names of the entries, in the order of the directory. */
  Set<String> names() {
    return entries.keySet();
  }

  /** Length of the whole file. */
  long size() {
    return size;
  }

  /**
   * The bytes of an entry, read-only.
   *
   * @throws MalformedWeightsException {@link Defect#INVALID_ARCHIVE} when there is no such entry,
   *     it is compressed, longer than {@code maxBytes}, lies outside of the file or does not have
   *     its CRC-32
   */
  ByteBuffer entry(String name, long maxBytes) throws IOException {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw invalid("the archive has no entry " + name);
    }
    if (!entry.stored() || entry.packed() != entry.bytes()) {
      throw invalid(
          "entry "
              + name
              + " is compressed or encrypted, torch.save does neither; save it again with torch.save");
    }
    if (entry.bytes() < 0 || entry.bytes() > maxBytes) {
      throw invalid("entry " + name + " has " + entry.bytes() + " bytes, the limit is " + maxBytes);
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long begin = begin(channel, name, entry);
      ByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, begin, entry.bytes());
      requireCrc(name, entry.crc(), bytes.duplicate());
      return bytes;
    }
  }

  private long begin(FileChannel channel, String name, Entry entry) throws IOException {
    if (entry.header() < 0 || entry.header() > dataEnd - LOCAL_BYTES) {
      throw outside(name);
    }
    ByteBuffer header = read(channel, entry.header(), LOCAL_BYTES);
    if (header.getInt(0) != LOCAL_SIGNATURE) {
      throw outside(name);
    }
    long begin =
        entry.header()
            + LOCAL_BYTES
            + unsigned(header.getShort(26))
            + unsigned(header.getShort(28));
    if (begin > dataEnd - entry.bytes()) {
      throw outside(name);
    }
    return begin;
  }

  /** PyTorch can be told not to compute checksums and then writes 0. */
  private static void requireCrc(String name, int expected, ByteBuffer bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    if (expected != 0 && (int) crc.getValue() != expected) {
      throw invalid(
          "entry %s has the CRC-32 %08x, the archive promises %08x; the file is damaged, fetch it again"
              .formatted(name, (int) crc.getValue(), expected));
    }
  }

  private static ByteBuffer read(FileChannel channel, long position, int length)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + bytes.position()) < 0) {
        throw invalid("the archive ended while it was read");
      }
    }
    return bytes.flip();
  }

  private static int unsigned(short value) {
    return value & 0xffff;
  }

  private static long unsigned(int value) {
    return value & 0xffffffffL;
  }

  private static MalformedWeightsException outside(String name) {
    return invalid("entry " + name + " does not lie inside of the file, which is damaged");
  }

  private static MalformedWeightsException invalid(String message) {
    return new MalformedWeightsException(Defect.INVALID_ARCHIVE, message);
  }
}
