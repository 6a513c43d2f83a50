package io.freshet.vision.weights;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * The tensors of a file, whatever its format, under the names that it gives them.
 *
 * @param format of the file
 * @param tensors in the file's order; slices of the mapped file, which must not change meanwhile
 * @param metadata of a safetensors file
 */
public record WeightsFile(Format format, StateDict tensors, Map<String, String> metadata) {

  /** How tensors become bytes. */
  public enum Format {
    /** The zip archive of {@code torch.save}. */
    PTH,
    SAFETENSORS
  }

  private static final byte[] ZIP = {'P', 'K', 3, 4};

  public WeightsFile {
    metadata = Map.copyOf(metadata);
  }

  /**
   * Reads {@code file}; its first bytes say what it is.
   *
   * @throws MalformedWeightsException naming the file and its defect
   */
  public static WeightsFile read(Path file) throws IOException {
    try {
      if (beginsLikeZip(file)) {
        return new WeightsFile(Format.PTH, PthReader.read(file), Map.of());
      }
      Safetensors.Contents contents = Safetensors.open(file);
      return new WeightsFile(Format.SAFETENSORS, contents.tensors(), contents.metadata());
    } catch (MalformedWeightsException e) {
      throw MalformedWeightsException.in(file, e);
    }
  }

  private static boolean beginsLikeZip(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return Arrays.equals(ZIP, in.readNBytes(ZIP.length));
    }
  }
}
