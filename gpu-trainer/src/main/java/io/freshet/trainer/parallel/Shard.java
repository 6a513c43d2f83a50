package io.freshet.trainer.parallel;

import io.freshet.trainer.masking.TokenMasks;
import io.freshet.trainer.step.TrainingBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The part of a batch that one device sees: neighbouring images with all their crops. Rows of a
 * batch lie crop after crop, and so do those of a shard.
 *
 * @param first the shard's first image within the batch
 * @param images b, at least 1
 * @param batchImages B
 */
record Shard(int first, int images, int batchImages) {

  /** Equal parts, the earlier ones one image larger when they don't come out even. */
  static List<Shard> of(int batchImages, int shards) {
    if (shards < 1 || shards > batchImages) {
      throw new IllegalArgumentException(
          "a batch of %d images can't be shared by %d devices; each needs an image"
              .formatted(batchImages, shards));
    }
    List<Shard> parts = new ArrayList<>();
    int first = 0;
    for (int i = 0; i < shards; i++) {
      int images = batchImages / shards + (i < batchImages % shards ? 1 : 0);
      parts.add(new Shard(first, images, batchImages));
      first += images;
    }
    return parts;
  }

  /**
   * The values of this shard's rows.
   *
   * @param batch (crops * B, length) row-major
   * @param crops of each image
   */
  float[] rows(float[] batch, int crops) {
    if (crops == 0) {
      return new float[0];
    }
    int length = batch.length / (crops * batchImages);
    float[] rows = new float[crops * images * length];
    for (int crop = 0; crop < crops; crop++) {
      System.arraycopy(
          batch,
          (crop * batchImages + first) * length,
          rows,
          crop * images * length,
          images * length);
    }
    return rows;
  }

  /**
   * The masks of this shard's global crops; each hidden patch weighs what it weighs in the batch.
   */
  TokenMasks masks(TokenMasks batch) {
    boolean[][] masks = new boolean[TrainingBatch.GLOBAL_CROPS * images][];
    for (int row = 0; row < masks.length; row++) {
      int from = (row / images * batchImages + first + row % images) * batch.patches();
      masks[row] = Arrays.copyOfRange(batch.masked(), from, from + batch.patches());
    }
    return TokenMasks.of(masks);
  }

  /**
   * Which of the batch's {@code rows} are this shard's, as rows of the shard, in the same order.
   */
  long[] own(long[] rows) {
    return Arrays.stream(rows)
        .filter(row -> row % batchImages >= first && row % batchImages < first + images)
        .map(row -> row / batchImages * images + row % batchImages - first)
        .toArray();
  }
}
