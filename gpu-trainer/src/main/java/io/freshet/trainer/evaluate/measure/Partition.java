package io.freshet.trainer.evaluate.measure;

import io.freshet.trainer.data.StepRandom;
import io.freshet.trainer.data.StepRandom.Purpose;
import io.freshet.trainer.evaluate.LabelledFeatures;
import io.freshet.trainer.evaluate.directory.LabelledFile;
import io.freshet.trainer.evaluate.directory.Split;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Which images are learned from and which are asked.
 *
 * @param bank rows, ascending
 * @param queries rows, ascending
 * @param given whether the directory tells it; else it was drawn
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Partition(int[] bank, int[] queries, boolean given) {
  private static final int QUERY_SHARE = 5;

  Partition {
    if (bank.length < 2 || queries.length == 0) {
      throw new IllegalArgumentException(
          "%d images can be learned from and %d asked; at least 2 and 1 are needed"
              .formatted(bank.length, queries.length));
    }
  }

  /**
   * The split of the files, or a random one: of each class every fifth image is asked, at least one
   * where it has two.
   */
  static Partition of(List<LabelledFile> files, long seed) {
    boolean given = files.stream().allMatch(file -> file.split().isPresent());
    return given ? given(files) : drawn(files, seed);
  }

  private static Partition given(List<LabelledFile> files) {
    return new Partition(rows(files, Split.BANK), rows(files, Split.QUERY), true);
  }

  private static int[] rows(List<LabelledFile> files, Split split) {
    return IntStream.range(0, files.size())
        .filter(row -> files.get(row).split().equals(Optional.of(split)))
        .toArray();
  }

  private static Partition drawn(List<LabelledFile> files, long seed) {
    Map<String, List<Integer>> byClass = new TreeMap<>();
    for (int row = 0; row < files.size(); row++) {
      byClass.computeIfAbsent(files.get(row).label(), label -> new ArrayList<>()).add(row);
    }
    Random random = new Random(StepRandom.seed(seed, Purpose.EVALUATION, 3, 0));
    List<Integer> bank = new ArrayList<>();
    List<Integer> queries = new ArrayList<>();
    for (List<Integer> members : byClass.values()) {
      Collections.shuffle(members, random);
      int asked = members.size() < 2 ? 0 : Math.max(1, members.size() / QUERY_SHARE);
      queries.addAll(members.subList(0, asked));
      bank.addAll(members.subList(asked, members.size()));
    }
    return new Partition(ascending(bank), ascending(queries), false);
  }

  private static int[] ascending(List<Integer> rows) {
    return rows.stream().mapToInt(Integer::intValue).sorted().toArray();
  }

  LabelledFeatures bank(LabelledFeatures all) {
    return all.rows(bank);
  }

  LabelledFeatures queries(LabelledFeatures all) {
    return all.rows(queries);
  }

  String description(long seed) {
    return given
        ? "as the directory tells it"
        : "none given: a fifth of each class is asked, drawn with seed "
            + seed
            + "; k-NN and retrieval leave one out";
  }
}
