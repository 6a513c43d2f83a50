package io.freshet.platform.registry;

import io.freshet.platform.registry.ReleasedAdapter.Direction;
import io.freshet.schemas.Adapter;
import io.freshet.schemas.ModelPublished;
import io.freshet.schemas.Sha256;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;

/** What {@code model.published} says about a release. */
public final class ReleaseAnnouncement {
  private ReleaseAnnouncement() {}

  /**
   * @param aliases those that point at the release since just now
   */
  public static ModelPublished of(Manifest manifest, List<String> aliases, Instant at) {
    return ModelPublished.newBuilder()
        .setName(manifest.name())
        .setVersion(manifest.version())
        .setManifestSha256(new Sha256(HexFormat.of().parseHex(manifest.sha256())))
        .setUri("registry:" + manifest.id())
        .setArchitecture(manifest.architecture())
        .setDim(manifest.dim())
        .setPatch(manifest.patch())
        .setImageSize(manifest.imageSize())
        .setRunId(manifest.runId())
        .setStep(manifest.step())
        .setImagesSeen(manifest.imagesSeen())
        .setOffsets(manifest.offsets())
        .setMetrics(manifest.metrics())
        .setAdapters(
            manifest.adapters().stream()
                .filter(adapter -> adapter.direction() == Direction.FROM_OTHER)
                .map(ReleaseAnnouncement::announced)
                .toList())
        .setAliases(aliases)
        .setPublishedAt(at)
        .build();
  }

  private static Adapter announced(ReleasedAdapter adapter) {
    return new Adapter(adapter.otherSpace(), adapter.kind(), (float) adapter.recallAt10());
  }
}
