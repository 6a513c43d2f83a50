package io.freshet.vision.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.freshet.vision.weights.MalformedWeightsException.Defect;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/**
 * Reads and writes safetensors files. Reading is strict: the whole header is checked first, so that
 * a bad file is refused with one {@link Defect} before any of its data is looked at. Tensors are
 * slices of the mapped file; the file must not change while they are in use.
 */
public final class Safetensors {

  /** The format's own limit. */
  static final long MAX_HEADER_BYTES = 100_000_000;

  private static final int LENGTH_BYTES = 8;
  private static final JsonFactory JSON = new JsonFactory();

  private Safetensors() {}

  /**
   * What a file holds.
   *
   * @param tensors in the header's order
   * @param metadata free-form strings, for example {@code format = pt}
   */
  public record Contents(StateDict tensors, Map<String, String> metadata) {
    public Contents {
      metadata = Map.copyOf(metadata);
    }
  }

  /**
   * The tensors of {@code file}.
   *
   * @throws MalformedWeightsException naming the defect
   */
  public static StateDict read(Path file) throws IOException {
    return open(file).tensors();
  }

  /** The tensors and metadata of {@code file}. */
  public static Contents open(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long headerBytes = headerLength(channel);
      byte[] json = new byte[Math.toIntExact(headerBytes)];
      readFully(channel, ByteBuffer.wrap(json), LENGTH_BYTES);
      if (json.length == 0 || json[0] != '{') {
        throw new MalformedWeightsException(
            Defect.INVALID_HEADER, "the header does not begin with {");
      }
      long dataStart = LENGTH_BYTES + headerBytes;
      SafetensorsHeader header = SafetensorsHeader.parse(json, channel.size() - dataStart);
      StateDict.Builder tensors = StateDict.builder();
      for (Map.Entry<String, SafetensorsHeader.Entry> e : header.entries().entrySet()) {
        SafetensorsHeader.Entry entry = e.getValue();
        ByteBuffer data =
            channel.map(
                FileChannel.MapMode.READ_ONLY,
                dataStart + entry.begin(),
                entry.end() - entry.begin());
        tensors.put(e.getKey(), new WeightTensor(entry.type(), entry.shape(), data));
      }
      return new Contents(tensors.build(), header.metadata());
    }
  }

  private static long headerLength(FileChannel channel) throws IOException {
    long size = channel.size();
    if (size < LENGTH_BYTES) {
      throw new MalformedWeightsException(
          Defect.TRUNCATED_HEADER, "a file of " + size + " bytes holds no header");
    }
    ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    readFully(channel, length, 0);
    long headerBytes = length.getLong(0);
    if (headerBytes < 0 || headerBytes > MAX_HEADER_BYTES) {
      throw new MalformedWeightsException(
          Defect.HEADER_TOO_LARGE,
          "the header claims "
              + Long.toUnsignedString(headerBytes)
              + " bytes, the limit is "
              + MAX_HEADER_BYTES);
    }
    if (headerBytes > size - LENGTH_BYTES) {
      throw new MalformedWeightsException(
          Defect.TRUNCATED_HEADER,
          "the header claims " + headerBytes + " bytes, the file has " + (size - LENGTH_BYTES));
    }
    return headerBytes;
  }

  private static void readFully(FileChannel channel, ByteBuffer into, long position)
      throws IOException {
    while (into.hasRemaining()) {
      int read = channel.read(into, position + into.position());
      if (read < 0) {
        throw new MalformedWeightsException(
            Defect.TRUNCATED_HEADER, "the file ended while its header was read");
      }
    }
  }

  /**
   * Writes a new file and forces it to the disk; {@code file} must not exist. Tensors keep their
   * order.
   */
  public static void write(Path file, StateDict tensors, Map<String, String> metadata)
      throws IOException {
    byte[] header = header(tensors, metadata);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer length =
          ByteBuffer.allocate(LENGTH_BYTES)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(0, header.length);
      writeFully(channel, length);
      writeFully(channel, ByteBuffer.wrap(header));
      for (WeightTensor tensor : tensors.tensors().values()) {
        writeFully(channel, tensor.bytes());
      }
      channel.force(true);
    }
  }

  private static byte[] header(StateDict tensors, Map<String, String> metadata) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart("__metadata__");
        for (Map.Entry<String, String> e : metadata.entrySet()) {
          json.writeStringField(e.getKey(), e.getValue());
        }
        json.writeEndObject();
      }
      long offset = 0;
      for (Map.Entry<String, WeightTensor> e : tensors.tensors().entrySet()) {
        offset = writeEntry(json, e.getKey(), e.getValue(), offset);
      }
      json.writeEndObject();
    }
    while (bytes.size() % 8 != 0) {
      bytes.write(' ');
    }
    return bytes.toByteArray();
  }

  private static long writeEntry(JsonGenerator json, String name, WeightTensor tensor, long offset)
      throws IOException {
    long end = offset + tensor.data().remaining();
    json.writeObjectFieldStart(name);
    json.writeStringField("dtype", tensor.type().name());
    json.writeArrayFieldStart("shape");
    for (long dim : tensor.shape()) {
      json.writeNumber(dim);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("data_offsets");
    json.writeNumber(offset);
    json.writeNumber(end);
    json.writeEndArray();
    json.writeEndObject();
    return end;
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
