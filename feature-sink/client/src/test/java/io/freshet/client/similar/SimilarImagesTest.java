package io.freshet.client.similar;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.client.FeatureTopics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Who is champion, however little the topic tells of it. */
class SimilarImagesTest {
  private static final String OLD = "freshet@1/cls/l2";
  private static final String NEW = "freshet@2/cls/l2";

  private final FeatureTopics topics = new FeatureTopics();
  private final AtomicReference<Optional<String>> champion =
      new AtomicReference<>(Optional.of(OLD));

  private SimilarImages begin(String space) {
    return new SimilarImages(topics::open, space, champion::get, 0.9);
  }

  private void write(String space, int images) {
    for (int i = 0; i < images; i++) {
      topics.write("image" + i, space, (float) Math.cos(i), (float) Math.sin(i));
    }
  }

  /** The champion's announcement was compacted away behind that of a later candidate. */
  @Test
  void whoeverWasAwayGoesOverToTheChampionThatTheTopicNoLongerNames() {
    write(OLD, 10);
    write(NEW, 10);
    topics.announce(3, List.of("candidate"));
    champion.set(Optional.of(NEW));
    try (SimilarImages similar = begin(OLD)) {
      advance(similar);
      assertEquals(NEW, similar.space());
      assertEquals(Map.of(NEW, 10), similar.sizes());
    }
  }

  @Test
  void anAnnouncementLeadsToWhatTheRegistrySays() {
    write(OLD, 10);
    topics.announce(1, List.of("champion"));
    try (SimilarImages similar = begin(OLD)) {
      advance(similar);
      write(NEW, 9);
      advance(similar);
      assertEquals(OLD, similar.space(), "nobody said that it is champion");
      champion.set(Optional.of(NEW));
      topics.announce(2, List.of("candidate"));
      advance(similar);
      assertEquals(Map.of(OLD, 10), similar.sizes());
      topics.announce(2, List.of("champion", "candidate"));
      advance(similar);
      assertEquals(NEW, similar.space());
    }
  }

  @Test
  void staysWhereItIsWithoutAChampion() {
    champion.set(Optional.empty());
    write(OLD, 3);
    try (SimilarImages similar = begin(OLD)) {
      advance(similar);
      assertEquals(Map.of(OLD, 3), similar.sizes());
    }
  }

  /** Reads all there is, in the space before and in a coming one. */
  private static void advance(SimilarImages similar) {
    for (int i = 0; i < 4; i++) {
      similar.advance(Duration.ZERO);
    }
  }
}
