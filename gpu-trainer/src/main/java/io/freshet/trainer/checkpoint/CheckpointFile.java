package io.freshet.trainer.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * The bytes of a checkpoint: a safetensors file whose metadata holds the {@link TrainerPosition},
 * so that any tool of that format opens it.
 */
final class CheckpointFile {
  private static final String POSITION = "freshet_position";
  private static final String FORMAT = "freshet_checkpoint";
  private static final String FORMAT_VERSION = "1";
  private static final ObjectMapper JSON = new ObjectMapper();

  private CheckpointFile() {}

  /** Writes and syncs a new file; returns the SHA-256 of its bytes, which covers all of them. */
  static byte[] write(Path file, Checkpoint checkpoint) throws IOException {
    String position = JSON.writeValueAsString(PositionJson.write(checkpoint.position()));
    Map<String, String> metadata = Map.of(FORMAT, FORMAT_VERSION, POSITION, position);
    return new TensorFile(metadata, checkpoint.tensors()).write(file);
  }

  /**
   * Reads a file after its bytes were compared with the digest.
   *
   * @param expectedSha256 what the file's name promises
   */
  static Checkpoint read(Path file, byte[] expectedSha256)
      throws IOException, CheckpointDamagedException {
    TensorFile content = TensorFile.read(file, expectedSha256);
    String version = content.metadata().get(FORMAT);
    if (!FORMAT_VERSION.equals(version)) {
      throw new CheckpointDamagedException(
          "%s has checkpoint format %s, this build reads %s"
              .formatted(file, version, FORMAT_VERSION));
    }
    try {
      String position = content.metadata().getOrDefault(POSITION, "null");
      return new Checkpoint(PositionJson.read(JSON.readTree(position)), content.tensors());
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new CheckpointDamagedException(file + " holds no position: " + e.getMessage(), e);
    }
  }
}
