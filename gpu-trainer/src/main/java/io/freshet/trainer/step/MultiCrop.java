package io.freshet.trainer.step;

import java.util.List;

/**
 * The crops of one image, each (3, side, side) row-major and normalised.
 *
 * @param globals two crops of the global size
 * @param locals any number of crops of the local size
 */
public record MultiCrop(List<float[]> globals, List<float[]> locals) {

  public MultiCrop {
    globals = List.copyOf(globals);
    locals = List.copyOf(locals);
    if (globals.size() != TrainingBatch.GLOBAL_CROPS) {
      throw new IllegalArgumentException(
          "the DINO loss compares "
              + TrainingBatch.GLOBAL_CROPS
              + " global crops of an image, not "
              + globals.size());
    }
  }
}
