package io.freshet.curator.job;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.curator.retrieval.NearestSeed;
import io.freshet.curator.window.CuratedWindow;
import io.freshet.curator.window.Pass;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.PassReason;
import io.freshet.schemas.PassedImage;
import io.freshet.schemas.Sha256;
import io.freshet.schemas.SourceUrls;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vector;
import io.freshet.schemas.Vectors;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WindowRecordsTest {
  private static final Instant NOW = Instant.parse("2026-11-01T00:00:00Z");
  private static final String SPACE = "model@1/features/l2";

  @Test
  void whatIsPassedOverNamesItsNearestSeedAndWhatCouldNotBeReadNamesNone() {
    CuratedWindow curated =
        new CuratedWindow(
            List.of(),
            List.of(
                new Pass(
                    "far", Pass.Reason.FAR, Optional.of(new NearestSeed("photos", "seed", 0.125f))),
                new Pass("alone", Pass.Reason.FAR, Optional.empty())),
            List.of(),
            List.of());
    WindowRecords records = new WindowRecords(7, SPACE, NOW, 0.25, curated);
    Vector vector = Vectors.of(SPACE, new float[] {1});
    assertEquals(
        List.of(
            new PassedImage("far", PassReason.FAR, "photos", "seed", 0.125f, 0.25f, 7L, SPACE, NOW),
            new PassedImage("alone", PassReason.FAR, null, null, null, 0.25f, 7L, SPACE, NOW),
            new PassedImage(
                "lost", PassReason.UNREADABLE, null, null, null, 0.25f, 7L, SPACE, NOW)),
        records.passed(
            Map.of(
                "far", unique("far", vector),
                "alone", unique("alone", vector),
                "lost", unique("lost", null))));
  }

  private static UniqueImage unique(String id, Vector vector) {
    BlobRef blob = new BlobRef("shard", 0L, 1, new Sha256(new byte[32]));
    SourceUrls source = new SourceUrls("http://site/" + id, null, null);
    return new UniqueImage("request", id, blob, 96, 96, id, vector, source, NOW, NOW, NOW);
  }
}
