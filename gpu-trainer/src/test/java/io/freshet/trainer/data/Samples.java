package io.freshet.trainer.data;

import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Sha256;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Samples whose identity is a number. */
public final class Samples {
  private Samples() {}

  public static Sample sample(int number, String concept) {
    byte[] digest = new byte[32];
    digest[0] = (byte) number;
    digest[1] = (byte) (number >> 8);
    return new Sample(
        "%064x".formatted(number),
        new BlobRef("shard-0.tar", 512L * number, 100 + number, new Sha256(digest)),
        "photos",
        concept);
  }

  /** Consecutive records of a partition, one sample each, over {@code concepts} concepts. */
  static List<Admission> admissions(int partition, int from, int to, int concepts) {
    return IntStream.range(from, to)
        .mapToObj(
            offset ->
                new Admission(
                    partition,
                    offset,
                    Optional.of(sample(100_000 * partition + offset, "c" + offset % concepts))))
        .toList();
  }
}
