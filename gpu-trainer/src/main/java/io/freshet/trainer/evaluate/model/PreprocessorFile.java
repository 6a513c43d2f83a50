package io.freshet.trainer.evaluate.model;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.vision.model.HuggingFaceDirectory;
import io.freshet.vision.model.Preprocessing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code preprocessor_config.json} of Hugging Face, of which only sizes and statistics are used.
 */
final class PreprocessorFile {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long MAX_BYTES = 1 << 20;

  private PreprocessorFile() {}

  /**
   * What the file in {@code dir} says; empty when there is none.
   *
   * @throws IllegalArgumentException when it is not what it should be
   */
  static Optional<Preprocessing> in(Path dir) {
    Path file = dir.resolve(HuggingFaceDirectory.PREPROCESSOR);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new IllegalArgumentException(
            "%s has %,d bytes, the limit is %,d".formatted(file, Files.size(file), MAX_BYTES));
      }
      JsonNode json = JSON.readTree(Files.readAllBytes(file));
      int crop = json.path("crop_size").path("height").asInt();
      int resize = json.path("size").path("shortest_edge").asInt(crop);
      return Optional.of(
          new Preprocessing(resize, crop, numbers(json, "image_mean"), numbers(json, "image_std")));
    } catch (JacksonException e) {
      throw new IllegalArgumentException(file + " is no JSON: " + e.getOriginalMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("can't read " + file, e);
    }
  }

  private static List<Float> numbers(JsonNode json, String key) {
    List<Float> numbers = new ArrayList<>();
    json.path(key).forEach(number -> numbers.add(number.floatValue()));
    return numbers;
  }
}
