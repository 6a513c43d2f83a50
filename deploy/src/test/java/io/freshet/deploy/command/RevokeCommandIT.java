package io.freshet.deploy.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.platform.kafka.TopicReader;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Revocation;
import io.freshet.schemas.Sha256;
import io.freshet.schemas.SourceUrls;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RevokeCommandIT {
  private static final String URL = "https://example.org/a.png";

  @RegisterExtension static final FreshetCluster CLUSTER = FreshetCluster.create();

  @Test
  void aUrlAlsoRevokesTheImagesThatWereUniqueThere() {
    CLUSTER.produce(
        Topics.IMAGE_UNIQUE,
        List.of(unique("a", URL), unique("b", URL + "?size=2"), unique("c", URL)));
    Set<String> expected = Set.of(URL, id("a"), id("c"), id("d"));

    assertEquals(
        expected, RevokeCommand.revoke(CLUSTER.kafka(), List.of(URL, id("d")), "asked for"));

    assertEquals(
        expected,
        new TopicReader<>(CLUSTER.kafka(), Topics.IMAGE_REVOKED)
            .stream().map(Revocation::getTarget).collect(Collectors.toSet()));
  }

  private static UniqueImage unique(String digit, String url) {
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    return new UniqueImage(
        "request " + digit,
        id(digit),
        new BlobRef("shard-0.tar", 0L, 1, new Sha256(new byte[32])),
        64,
        64,
        id(digit),
        null,
        new SourceUrls(url, null, null),
        now,
        now,
        now);
  }

  private static String id(String digit) {
    return digit.repeat(64);
  }
}
