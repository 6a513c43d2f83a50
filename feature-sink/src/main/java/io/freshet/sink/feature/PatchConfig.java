package io.freshet.sink.feature;

import io.freshet.platform.config.DataSize;
import java.io.Serializable;
import java.util.List;

/**
 * Section {@code features.patches}: whose features of patches are published.
 *
 * @param models names of models; the patches of no other are
 * @param maxSize of the elements of a record; a model whose patches have more gets none published
 */
public record PatchConfig(List<String> models, DataSize maxSize) implements Serializable {
  private static final long serialVersionUID = 1L;

  public PatchConfig {
    models = List.copyOf(models);
    if (maxSize.bytes() < 1) {
      throw new IllegalArgumentException("max_size must be at least 1 byte, not " + maxSize);
    }
  }

  boolean areWantedOf(String model) {
    return models.contains(model);
  }
}
