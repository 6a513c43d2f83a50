package io.freshet.dedup.flow;

import io.freshet.dedup.component.Benchmark;
import io.freshet.dedup.request.Request;
import io.freshet.schemas.ImageFormat;
import io.freshet.schemas.IngestedImage;
import io.freshet.schemas.Origin;
import io.freshet.schemas.Original;
import io.freshet.schemas.Pdq256;
import io.freshet.schemas.SafetyScores;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.SourceUrls;
import io.freshet.schemas.Topics;

/**
 * Benchmark seeds in the form that the embedder takes. What is embedded is the blob; the request
 * never ends in an outcome, so what only outcomes tell is left blank.
 */
public final class BenchmarkRequests {
  private static final int UNKNOWN = 0;

  private BenchmarkRequests() {}

  public static Request of(SeedImage seed) {
    String name = Benchmark.name(seed.getImageId(), seed.getDataset());
    IngestedImage image =
        IngestedImage.newBuilder()
            .setRequestId(name)
            .setImageId(name)
            .setBlob(seed.getBlob())
            .setWidth(UNKNOWN)
            .setHeight(UNKNOWN)
            .setOriginal(new Original(ImageFormat.UNKNOWN, UNKNOWN, seed.getBlob().getSha256()))
            .setSource(new SourceUrls(seed.getFile(), null, null))
            .setRequestedAt(seed.getAt())
            .setFetchedAt(seed.getAt())
            .setIngestedAt(seed.getAt())
            .setPdq(new Pdq256(new byte[Pdq256.getClassSchema().getFixedSize()]))
            .setPdqQuality(UNKNOWN)
            .setPcaHash(null)
            .setFacesBlurred(UNKNOWN)
            .setSafety(new SafetyScores(null, null))
            .build();
    return new Request(image, new Origin(Topics.SEED_REGISTERED.name(), 0, 0L));
  }
}
