package io.freshet.deploy.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.deploy.audit.DeliveryAudit.Findings;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.CrawledPage;
import io.freshet.schemas.DuplicateImage;
import io.freshet.schemas.DuplicateMethod;
import io.freshet.schemas.Origin;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.RejectionReason;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.RetractionCause;
import io.freshet.schemas.Sha256;
import io.freshet.schemas.SourceUrls;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The checker is checked: it must see a missing and a repeated outcome. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DeliveryAuditIT {
  @RegisterExtension static final FreshetCluster CLUSTER = FreshetCluster.create();

  private static final Instant ASKED = Instant.ofEpochMilli(1_000);
  private static final Instant DECIDED = Instant.ofEpochMilli(1_250);

  @Test
  @Order(1)
  void findsAnOutcomeMissing() {
    CLUSTER.produce(Topics.CRAWL_PAGES, page("<img src=\"/a\"><img src=\"/b\"><img src=\"/c\">"));
    CLUSTER.produce(Topics.IMAGE_UNIQUE, unique("r1"));
    CLUSTER.produce(Topics.IMAGE_DUPLICATE, duplicate("r2"));
    Findings findings = audit();
    assertEquals(3, findings.requests());
    assertEquals(2, findings.outcomes());
    assertFalse(findings.conserved());
  }

  @Test
  @Order(2)
  void countsARefusalAsAnOutcome() {
    CLUSTER.produce(Topics.IMAGE_REJECTED, rejected("r3", RejectionReason.TRUNCATED));
    Findings findings = audit();
    assertTrue(findings.conserved());
    assertEquals(Map.of("TRUNCATED", 1L), findings.rejectedByReason());
    assertEquals(Map.of("EXACT", 1L), findings.duplicatesByMethod());
    assertEquals(250, findings.verdictMillis()[0]);
  }

  @Test
  @Order(3)
  void missesTheFeatureOfAUniqueImageUntilItIsRetracted() {
    assertFalse(audit().described());
    CLUSTER.produce(
        Topics.IMAGE_RETRACTED,
        RetractedImage.newBuilder()
            .setImageId("ir1")
            .setCause(RetractionCause.MERGED)
            .setAt(DECIDED)
            .build());
    Findings findings = audit();
    assertEquals(1, findings.retracted());
    assertEquals(0, findings.features());
    assertTrue(findings.described());
  }

  @Test
  @Order(4)
  void findsAnOutcomeDeliveredTwice() {
    CLUSTER.produce(Topics.IMAGE_UNIQUE, unique("r3"));
    Findings findings = audit();
    assertEquals(Set.of("r3"), findings.repeated());
    assertFalse(findings.conserved());
  }

  private static Findings audit() {
    return new DeliveryAudit(CLUSTER.kafka().bootstrapServers(), CLUSTER.kafka().topicPrefix())
        .run();
  }

  private static CrawledPage page(String body) {
    return new CrawledPage(
        "http://site/page",
        ASKED,
        200,
        Map.of(),
        "text/html",
        ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)));
  }

  private static UniqueImage unique(String request) {
    return new UniqueImage(
        request, "i" + request, blob(), 1, 1, "c", null, source(), ASKED, ASKED, DECIDED);
  }

  private static DuplicateImage duplicate(String request) {
    return new DuplicateImage(
        request,
        "i" + request,
        blob(),
        "k",
        "c",
        DuplicateMethod.EXACT,
        1f,
        1f,
        null,
        source(),
        ASKED,
        DECIDED,
        null,
        null);
  }

  private static RejectedImage rejected(String request, RejectionReason reason) {
    return new RejectedImage(
        request,
        "http://site/x",
        "ingest",
        reason,
        "why",
        new Origin("crawl.pages", 0, 0L),
        DECIDED);
  }

  private static BlobRef blob() {
    return new BlobRef("shard", 0L, 0, new Sha256(new byte[32]));
  }

  private static SourceUrls source() {
    return new SourceUrls("http://site/a", "http://site/page", null);
  }
}
