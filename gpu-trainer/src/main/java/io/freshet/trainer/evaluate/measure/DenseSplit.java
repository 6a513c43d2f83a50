package io.freshet.trainer.evaluate.measure;

import io.freshet.trainer.data.StepRandom;
import io.freshet.trainer.data.StepRandom.Purpose;
import io.freshet.trainer.evaluate.dense.DenseDirectory;
import io.freshet.trainer.evaluate.dense.DenseDirectory.DenseFile;
import io.freshet.trainer.evaluate.directory.Split;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Which images with maps are learned from and which are asked.
 *
 * @param description for people
 */
record DenseSplit(List<DenseFile> bank, List<DenseFile> queries, String description) {
  private static final int QUERY_SHARE = 5;

  /** As the directory tells it if it does for every image, else a fifth is asked, drawn. */
  static DenseSplit of(DenseDirectory directory, long seed) {
    List<DenseFile> files = directory.files();
    if (files.stream().allMatch(file -> file.split().isPresent())) {
      return new DenseSplit(
          of(files, Split.BANK), of(files, Split.QUERY), "as the directory tells it");
    }
    List<DenseFile> order = new ArrayList<>(files);
    Collections.shuffle(order, new Random(StepRandom.seed(seed, Purpose.EVALUATION, 10, 0)));
    int asked = Math.max(1, files.size() / QUERY_SHARE);
    return new DenseSplit(
        List.copyOf(order.subList(asked, order.size())),
        List.copyOf(order.subList(0, asked)),
        "drawn with seed " + seed);
  }

  private static List<DenseFile> of(List<DenseFile> files, Split split) {
    return files.stream().filter(file -> file.split().equals(Optional.of(split))).toList();
  }
}
