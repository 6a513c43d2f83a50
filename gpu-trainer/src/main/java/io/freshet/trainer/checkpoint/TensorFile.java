package io.freshet.trainer.checkpoint;

import io.freshet.vision.weights.MalformedWeightsException;
import io.freshet.vision.weights.Safetensors;
import io.freshet.vision.weights.StateDict;
import io.freshet.vision.weights.WeightTensor;
import io.freshet.vision.weights.WeightType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Tensors with text beside them in a safetensors file.
 *
 * @param metadata the header's {@code __metadata__}
 * @param tensors by name
 */
public record TensorFile(Map<String, String> metadata, Map<String, StateTensor> tensors) {
  private static final int CHUNK_BYTES = 1 << 20;

  /** Writes and syncs a new file; returns the SHA-256 of its bytes. */
  public byte[] write(Path file) throws IOException {
    Safetensors.write(file, stateDict(tensors), metadata);
    return digest(file);
  }

  /** The tensors as the vision module takes them; nothing is copied. */
  public static StateDict stateDict(Map<String, StateTensor> tensors) {
    StateDict.Builder dict = StateDict.builder();
    tensors.forEach(
        (name, tensor) ->
            dict.put(
                name,
                new WeightTensor(
                    WeightType.valueOf(tensor.type().name()), tensor.shape(), tensor.data())));
    return dict.build();
  }

  /**
   * Reads a file whole onto the heap, after its bytes were compared with the digest.
   *
   * @throws CheckpointDamagedException when they differ, or are no such file
   */
  static TensorFile read(Path file, byte[] expectedSha256)
      throws IOException, CheckpointDamagedException {
    if (!MessageDigest.isEqual(digest(file), expectedSha256)) {
      throw new CheckpointDamagedException(
          file + " does not have the SHA-256 that its name promises");
    }
    try {
      Safetensors.Contents contents = Safetensors.open(file);
      Map<String, StateTensor> tensors = new LinkedHashMap<>();
      contents.tensors().tensors().forEach((name, tensor) -> tensors.put(name, onHeap(tensor)));
      return new TensorFile(contents.metadata(), tensors);
    } catch (MalformedWeightsException | IllegalArgumentException e) {
      throw new CheckpointDamagedException(file + " can't be read: " + e.getMessage(), e);
    }
  }

  private static StateTensor onHeap(WeightTensor tensor) {
    ByteBuffer copy = ByteBuffer.allocate(tensor.data().remaining());
    copy.put(tensor.bytes()).flip();
    return new StateTensor(StateTensor.Type.valueOf(tensor.type().name()), tensor.shape(), copy);
  }

  private static byte[] digest(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      int bytes = Math.toIntExact(Math.max(1, Math.min(CHUNK_BYTES, channel.size())));
      ByteBuffer chunk = ByteBuffer.allocateDirect(bytes);
      while (channel.read(chunk) >= 0) {
        digest.update(chunk.flip());
        chunk.clear();
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
