package io.freshet.sink.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.FeatureStream;
import io.freshet.client.SpacePolicy;
import io.freshet.client.pgvector.DatabaseException;
import io.freshet.client.pgvector.SpaceCatalogue;
import io.freshet.client.pgvector.SpaceTable;
import io.freshet.client.similar.SimilarImages;
import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.Topics;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A database stays fresh over a change of champion, restarts and withdrawals in between. */
class PgvectorIT {
  private static final String OLD = SimilarImagesIT.OLD;
  private static final String NEW = SimilarImagesIT.NEW;
  private static final int IMAGES = 60;

  /** Enough for an index to be worth it. */
  private static final int MANY = 5_000;

  /** More than a search looks at first. */
  private static final int WITHDRAWN = 300;

  private static final FreshetCluster CLUSTER = FreshetCluster.create();
  private static PostgresServer server;

  /** As the registry has it. */
  private static String champion = OLD;

  /** The server first: without one nothing else starts. */
  @BeforeAll
  static void start() throws IOException, SQLException {
    server = PostgresServer.start();
    CLUSTER.start();
  }

  @AfterAll
  static void stop() throws IOException, SQLException {
    if (server != null) {
      CLUSTER.stop();
      server.close();
    }
  }

  @Test
  void followsTheTopicAcrossRestartsAndAChangeOfChampion() throws SQLException {
    SimilarImagesIT.write(CLUSTER, OLD, 0, IMAGES);
    try (Connection database = server.connect();
        SimilarImages similar = follow(new SpaceCatalogue(database))) {
      SimilarImagesIT.advance(similar, () -> complete(similar, IMAGES));
      assertEquals("image7", SimilarImagesIT.first(similar, OLD, 7));
      assertEquals(List.of(OLD + " true true"), catalogue(database));
    }

    // While nobody looks one is withdrawn, so thoroughly that its tombstone is gone too: the row
    // of an image that the topic does not know.
    try (Connection database = server.connect()) {
      SpaceTable table = new SpaceCatalogue(database).open(OLD, SimilarImagesIT.DIM);
      table.put("forgotten", SimilarImagesIT.vector(OLD, 1_000));
      table.flush();
    }
    CLUSTER.produceRaw(Topics.IMAGE_FEATURE, "image7|" + OLD, null);

    try (Connection database = server.connect();
        SimilarImages similar = follow(new SpaceCatalogue(database))) {
      SimilarImagesIT.advance(similar, () -> complete(similar, IMAGES - 1));
      List<String> all =
          similar.find(OLD, SimilarImagesIT.vector(OLD, 7), 100).stream()
              .map(SimilarImages.Match::imageId)
              .toList();
      assertTrue(!all.contains("image7") && !all.contains("forgotten"), all.toString());

      champion = NEW;
      CLUSTER.produce(Topics.MODEL_PUBLISHED, SimilarImagesIT.champion(2));
      SimilarImagesIT.write(CLUSTER, NEW, 0, IMAGES / 2);
      SimilarImagesIT.advance(similar, () -> similar.sizes().getOrDefault(NEW, 0) == IMAGES / 2);
      assertEquals("image8", SimilarImagesIT.first(similar, OLD, 8));
      assertEquals(List.of(OLD + " true true", NEW + " true false"), catalogue(database));
    }

    SimilarImagesIT.write(CLUSTER, NEW, IMAGES / 2, IMAGES);
    try (Connection database = server.connect();
        SimilarImages similar = follow(new SpaceCatalogue(database))) {
      SimilarImagesIT.advance(similar, () -> similar.space().equals(NEW));
      assertEquals("image9", SimilarImagesIT.first(similar, NEW, 9));
      assertThrows(
          IllegalArgumentException.class,
          () -> similar.find(OLD, SimilarImagesIT.vector(OLD, 8), 1));
      assertEquals(List.of(NEW + " true true"), catalogue(database));
    }
  }

  @Test
  void refusesVectorsOfAnotherLengthAndSaysWhere() throws SQLException {
    String space = "other@1/cls/l2";
    try (Connection database = server.connect()) {
      SpaceCatalogue catalogue = new SpaceCatalogue(database);
      SpaceTable table = catalogue.open(space, 4);
      assertThrows(IllegalArgumentException.class, () -> table.put("a", new float[5]));
      String message =
          assertThrows(IllegalArgumentException.class, () -> catalogue.open(space, 5)).getMessage();
      assertTrue(message.contains(space) && message.contains(table.name()), message);

      try (Statement statement = database.createStatement()) {
        statement.execute("DROP TABLE " + table.name());
      }
      database.commit();
      table.put("a", new float[] {1, 0, 0, 0});
      assertThrows(DatabaseException.class, table::flush);
      table.discard();
    }
  }

  /** The index still has what was withdrawn, until the server's vacuum comes by. */
  @Test
  void findsAsManyAsAskedForBesideWhatWasWithdrawn() throws SQLException {
    String space = "many@1/cls/l2";
    try (Connection database = server.connect()) {
      SpaceTable table = new SpaceCatalogue(database).open(space, SimilarImagesIT.DIM);
      for (int image = 0; image < MANY; image++) {
        table.put("image" + image, SimilarImagesIT.vector(space, image));
      }
      table.complete();
      analyse(database, table);
      float[] query = SimilarImagesIT.vector(space, -1);
      assertTrue(
          plan(database, table, query).contains(table.name() + "_hnsw"), "searched without index");

      List<String> exact = exactly(space, query);
      List<String> found = ids(table.nearest(query, 100));
      long right = found.stream().filter(exact.subList(0, 100)::contains).count();
      assertTrue(right >= 95, right + " of the 100 nearest");

      exact.subList(0, WITHDRAWN).forEach(table::remove);
      List<String> left = ids(table.nearest(query, 10));
      assertEquals(10, left.size(), left.toString());
      assertTrue(
          exact.subList(WITHDRAWN, WITHDRAWN + 20).containsAll(left),
          "not the nearest of those that are left: " + left);
      table.discard();
    }
  }

  /** So that the server knows that a search without the index would be slow. */
  private static void analyse(Connection database, SpaceTable table) throws SQLException {
    try (Statement statement = database.createStatement()) {
      statement.execute("ANALYZE " + table.name());
    }
    database.commit();
  }

  private static String plan(Connection database, SpaceTable table, float[] query)
      throws SQLException {
    try (Statement statement = database.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "EXPLAIN SELECT image_id FROM %s ORDER BY vector <#> '%s' LIMIT 10"
                    .formatted(table.name(), Arrays.toString(query)))) {
      StringBuilder plan = new StringBuilder();
      while (rows.next()) {
        plan.append(rows.getString(1)).append('\n');
      }
      return plan.toString();
    }
  }

  /** All images, the nearest first. */
  private static List<String> exactly(String space, float[] query) {
    return IntStream.range(0, MANY)
        .boxed()
        .sorted(
            Comparator.comparingDouble(
                image -> -cosine(SimilarImagesIT.vector(space, image), query)))
        .map(image -> "image" + image)
        .toList();
  }

  private static double cosine(float[] a, float[] b) {
    double dot = 0;
    for (int i = 0; i < a.length; i++) {
      dot += a[i] * b[i];
    }
    return dot;
  }

  private static List<String> ids(List<SimilarImages.Match> matches) {
    return matches.stream().map(SimilarImages.Match::imageId).toList();
  }

  private static boolean complete(SimilarImages similar, int images) {
    return similar.caughtUp() && similar.size() == images;
  }

  private static SimilarImages follow(SpaceCatalogue catalogue) {
    return new SimilarImages(
        space ->
            FeatureStream.open(
                CLUSTER.kafka().connection(),
                CLUSTER.kafka().topicPrefix(),
                SpacePolicy.only(space)),
        catalogue,
        catalogue.answering().orElse(OLD),
        () -> Optional.of(champion),
        0.9);
  }

  private static List<String> catalogue(Connection database) throws SQLException {
    List<String> spaces = new ArrayList<>();
    try (Statement statement = database.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT space_id || ' ' || complete || ' ' || answers FROM freshet_space"
                    + " WHERE space_id LIKE 'freshet@%' ORDER BY space_id")) {
      while (rows.next()) {
        spaces.add(rows.getString(1));
      }
    }
    return spaces;
  }
}
