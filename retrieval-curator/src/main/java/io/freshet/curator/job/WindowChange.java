package io.freshet.curator.job;

import io.freshet.platform.flink.JobContext;
import io.freshet.schemas.Origin;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.Revocation;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.Topics;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;

/**
 * What changes who curates or what may be curated.
 *
 * @param target key of the seed; of an image its id or URL
 * @param offset where the change of a seed lies in its partition: of two changes of one key the
 *     higher holds. 0 for images, whose withdrawal is for good
 * @param seed the seed that is registered; empty for all else
 */
public record WindowChange(Kind kind, String target, long offset, List<SeedImage> seed) {
  /** What happened. */
  public enum Kind {
    SEED_REGISTERED,
    SEED_WITHDRAWN,
    IMAGE_WITHDRAWN
  }

  static final TypeInformation<WindowChange> TYPE =
      Types.POJO(
          WindowChange.class,
          Map.of(
              "kind",
              Types.ENUM(Kind.class),
              "target",
              Types.STRING,
              "offset",
              Types.LONG,
              "seed",
              Types.LIST(JobContext.avro(SeedImage.class))));

  static WindowChange registered(Origin origin, SeedImage seed) {
    return new WindowChange(
        Kind.SEED_REGISTERED,
        Topics.SEED_REGISTERED.key().of(seed),
        origin.getOffset(),
        List.of(seed));
  }

  static WindowChange withdrawn(Origin origin, String seedKey) {
    return new WindowChange(Kind.SEED_WITHDRAWN, seedKey, origin.getOffset(), List.of());
  }

  static WindowChange retracted(RetractedImage image) {
    return new WindowChange(Kind.IMAGE_WITHDRAWN, image.getImageId(), 0, List.of());
  }

  static WindowChange revoked(Revocation revocation) {
    return new WindowChange(Kind.IMAGE_WITHDRAWN, revocation.getTarget(), 0, List.of());
  }
}
