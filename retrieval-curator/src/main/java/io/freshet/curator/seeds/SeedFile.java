package io.freshet.curator.seeds;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * An image file of a dataset, before it is decoded.
 *
 * @param file its name within the dataset; registering the same name again replaces it
 * @param split {@code bank} or {@code query}, for evaluation sets
 * @param body its bytes, read when needed
 */
public record SeedFile(String file, String label, Optional<String> split, Supplier<byte[]> body) {
  public SeedFile {
    split.ifPresent(
        s -> {
          if (!s.equals("bank") && !s.equals("query")) {
            throw new IllegalArgumentException(
                "split of %s is %s, must be bank or query".formatted(file, s));
          }
        });
  }
}
