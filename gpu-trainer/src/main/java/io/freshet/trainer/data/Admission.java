package io.freshet.trainer.data;

import java.util.Comparator;
import java.util.Optional;

/**
 * What one record of {@code image.curated} amounts to for the trainer. A record whose image can't
 * be read carries no sample, so that its offset still counts as consumed.
 *
 * @param partition partition of the record
 * @param offset offset of the record
 * @param sample the image, or empty when the record was refused
 */
public record Admission(int partition, long offset, Optional<Sample> sample) {
  /** The order in which admissions of one step enter the buffer, whatever order they arrived in. */
  static final Comparator<Admission> CANONICAL =
      Comparator.comparingInt(Admission::partition).thenComparingLong(Admission::offset);

  public Admission {
    if (partition < 0 || offset < 0) {
      throw new IllegalArgumentException("no record at partition " + partition + "@" + offset);
    }
  }
}
