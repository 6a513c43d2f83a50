package io.freshet.trainer.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The bytes of a checkpoint: a valid safetensors file (length of the header, JSON header, tensor
 * data) whose {@code __metadata__} holds the {@link TrainerPosition}, so that any tool of that
 * format opens it. Its SHA-256 is part of its name and covers every byte.
 */
final class CheckpointFile {
  private static final String METADATA = "__metadata__";
  private static final String POSITION = "freshet_position";
  private static final String FORMAT = "freshet_checkpoint";
  private static final String FORMAT_VERSION = "1";
  private static final int MAX_HEADER_BYTES = 1 << 28;
  private static final int ALIGNMENT = 8;
  private static final ObjectMapper JSON = new ObjectMapper();

  private CheckpointFile() {}

  /** Writes and syncs a new file; returns the SHA-256 of its bytes. */
  static byte[] write(Path file, Checkpoint checkpoint) throws IOException {
    byte[] header = header(checkpoint);
    MessageDigest digest = sha256();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      append(channel, digest, length.putLong(header.length).flip());
      append(channel, digest, ByteBuffer.wrap(header));
      for (StateTensor tensor : checkpoint.tensors().values()) {
        append(channel, digest, tensor.data().duplicate());
      }
      channel.force(true);
    }
    return digest.digest();
  }

  private static byte[] header(Checkpoint checkpoint) throws JsonProcessingException {
    ObjectNode header = JSON.createObjectNode();
    header
        .putObject(METADATA)
        .put(FORMAT, FORMAT_VERSION)
        .put(POSITION, JSON.writeValueAsString(PositionJson.write(checkpoint.position())));
    long offset = 0;
    for (Map.Entry<String, StateTensor> entry : checkpoint.tensors().entrySet()) {
      StateTensor tensor = entry.getValue();
      ObjectNode description = header.putObject(entry.getKey());
      description.put("dtype", tensor.type().name());
      tensor.shape().forEach(description.putArray("shape")::add);
      long end = offset + tensor.data().remaining();
      description.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] json = JSON.writeValueAsBytes(header);
    int padding = Math.floorMod(-json.length, ALIGNMENT);
    byte[] padded = Arrays.copyOf(json, json.length + padding);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }

  private static void append(FileChannel channel, MessageDigest digest, ByteBuffer bytes)
      throws IOException {
    digest.update(bytes.duplicate());
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /**
   * Reads a file whole and checks it before anything of it is used.
   *
   * @param expectedSha256 the digest that the name promises
   */
  static Checkpoint read(Path file, byte[] expectedSha256)
      throws IOException, CheckpointDamagedException {
    MessageDigest digest = sha256();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      verify(file, channel, expectedSha256);
      channel.position(0);
      long headerLength = take(channel, digest, Long.BYTES).getLong();
      if (headerLength < 2 || headerLength > MAX_HEADER_BYTES) {
        throw new CheckpointDamagedException(
            "%s claims a header of %d bytes, allowed are 2 to %d"
                .formatted(file, headerLength, MAX_HEADER_BYTES));
      }
      JsonNode header = JSON.readTree(take(channel, digest, (int) headerLength).array());
      Map<String, StateTensor> tensors = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> entry : inFileOrder(header)) {
        tensors.put(entry.getKey(), tensor(channel, digest, entry.getValue()));
      }
      // The bytes may have changed under us between the two readings.
      if (!MessageDigest.isEqual(digest.digest(), expectedSha256)) {
        throw new CheckpointDamagedException(file + " changed while it was read");
      }
      JsonNode metadata = header.required(METADATA);
      if (!FORMAT_VERSION.equals(metadata.required(FORMAT).textValue())) {
        throw new CheckpointDamagedException(
            "%s has format version %s, this build reads %s"
                .formatted(file, metadata.required(FORMAT), FORMAT_VERSION));
      }
      JsonNode position = JSON.readTree(metadata.required(POSITION).textValue());
      return new Checkpoint(PositionJson.read(position), tensors);
    } catch (EOFException | JsonProcessingException | IllegalArgumentException e) {
      throw new CheckpointDamagedException(file + " is no checkpoint: " + e.getMessage(), e);
    }
  }

  private static void verify(Path file, FileChannel channel, byte[] expected)
      throws IOException, CheckpointDamagedException {
    MessageDigest digest = sha256();
    ByteBuffer chunk = ByteBuffer.allocateDirect(1 << 20);
    while (channel.read(chunk) >= 0) {
      digest.update(chunk.flip());
      chunk.clear();
    }
    if (!MessageDigest.isEqual(digest.digest(), expected)) {
      throw new CheckpointDamagedException(
          file + " does not have the SHA-256 that its name promises");
    }
  }

  private static List<Map.Entry<String, JsonNode>> inFileOrder(JsonNode header) {
    List<Map.Entry<String, JsonNode>> entries = new ArrayList<>(header.properties());
    entries.removeIf(entry -> entry.getKey().equals(METADATA));
    entries.sort(
        Comparator.comparingLong(
            entry -> entry.getValue().required("data_offsets").required(0).longValue()));
    return entries;
  }

  private static StateTensor tensor(FileChannel channel, MessageDigest digest, JsonNode description)
      throws IOException {
    JsonNode range = description.required("data_offsets");
    long length = range.required(1).longValue() - range.required(0).longValue();
    List<Long> shape = new ArrayList<>();
    description.required("shape").forEach(size -> shape.add(size.longValue()));
    return new StateTensor(
        StateTensor.Type.valueOf(description.required("dtype").textValue()),
        shape,
        take(channel, digest, Math.toIntExact(length)));
  }

  private static ByteBuffer take(FileChannel channel, MessageDigest digest, int length)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes) < 0) {
        throw new EOFException("%d bytes are missing".formatted(bytes.remaining()));
      }
    }
    bytes.flip();
    digest.update(bytes.duplicate());
    return bytes;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
