package io.freshet.client.pgvector;

import io.freshet.client.similar.SimilarImages.Match;
import io.freshet.client.similar.SimilarityIndex;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The features of one space in a table. Changes are gathered and become visible together, in one
 * transaction, with {@link #flush}. When everything was read, rows that an earlier process wrote
 * and the topic no longer has are deleted, and the HNSW index is built. Until then searches of a
 * new table are exact, and slow, and an older one may still hold what was withdrawn meanwhile.
 *
 * <p>One owner thread, the connection's.
 */
public final class SpaceTable implements SimilarityIndex {
  private static final Logger LOG = LoggerFactory.getLogger(SpaceTable.class);

  /** Of a vector that pgvector's HNSW index takes. */
  private static final int MAX_INDEXED_DIM = 2_000;

  /** Range and default of hnsw.ef_search are 1 to 1,000 and 40; more finds more, more slowly. */
  private static final int EF_SEARCH = 100;

  private static final int MAX_EF_SEARCH = 1_000;

  /**
   * What was withdrawn stays in the index until the server's vacuum comes by, and a search that met
   * nothing else would find nothing. From 0.8 on pgvector can go on, by default up to 20,000 rows.
   */
  private static final String PAST_WITHDRAWN =
      """
      SELECT set_config('hnsw.iterative_scan', 'strict_order', true) FROM pg_extension
      WHERE extname = 'vector'
        AND string_to_array(substring(extversion FROM '^[0-9]+[.][0-9]+'), '.')::int[] >= '{0,8}'
      """;

  /** A change waits in memory, a vector of 1,024 dimensions in some 20 kB. */
  private static final int MAX_WAITING = 2_000;

  private final Connection connection;
  private final String space;
  private final String table;
  private final int dim;
  private final long read;
  private final Map<String, float[]> waiting = new LinkedHashMap<>();

  SpaceTable(Connection connection, String space, String table, int dim, long read) {
    this.connection = connection;
    this.space = space;
    this.table = table;
    this.dim = dim;
    this.read = read;
  }

  /** The table's name, for queries of one's own. */
  public String name() {
    return table;
  }

  /** Rows, as the server counts them. */
  @Override
  public int size() {
    flush();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM " + table)) {
      row.next();
      int images = row.getInt(1);
      connection.commit();
      return images;
    } catch (SQLException e) {
      throw failed("counting " + table, e);
    }
  }

  @Override
  public void put(String imageId, float[] vector) {
    if (vector.length != dim) {
      throw new IllegalArgumentException(
          "a vector of %d dimensions for %s, which has %d".formatted(vector.length, space, dim));
    }
    change(imageId, vector);
  }

  @Override
  public void remove(String imageId) {
    change(imageId, null);
  }

  /** Of several changes to one image the last counts. */
  private void change(String imageId, float[] vector) {
    waiting.put(imageId, vector);
    if (waiting.size() >= MAX_WAITING) {
      flush();
    }
  }

  @Override
  public void flush() {
    if (waiting.isEmpty()) {
      return;
    }
    String upsert =
        """
        INSERT INTO %s (image_id, vector, read) VALUES (?, ?::vector, ?)
        ON CONFLICT (image_id) DO UPDATE SET vector = excluded.vector, read = excluded.read
        """
            .formatted(table);
    try (PreparedStatement put = connection.prepareStatement(upsert);
        PreparedStatement remove =
            connection.prepareStatement("DELETE FROM " + table + " WHERE image_id = ?")) {
      for (Map.Entry<String, float[]> change : waiting.entrySet()) {
        if (change.getValue() == null) {
          remove.setString(1, change.getKey());
          remove.addBatch();
        } else {
          put.setString(1, change.getKey());
          put.setString(2, text(change.getValue()));
          put.setLong(3, read);
          put.addBatch();
        }
      }
      put.executeBatch();
      remove.executeBatch();
      connection.commit();
      waiting.clear();
    } catch (SQLException e) {
      throw failed("writing to " + table, e);
    }
  }

  @Override
  public void complete() {
    flush();
    try (PreparedStatement sweep =
            connection.prepareStatement("DELETE FROM " + table + " WHERE read < ?");
        PreparedStatement entry =
            connection.prepareStatement(
                "UPDATE freshet_space SET complete = true WHERE space_id = ?");
        Statement statement = connection.createStatement()) {
      sweep.setLong(1, read);
      int swept = sweep.executeUpdate();
      if (dim <= MAX_INDEXED_DIM) {
        statement.execute(
            "CREATE INDEX IF NOT EXISTS %s_hnsw ON %s USING hnsw (vector vector_ip_ops)"
                .formatted(table, table));
      }
      entry.setString(1, space);
      entry.executeUpdate();
      connection.commit();
      LOG.info("{} is complete; {} images were withdrawn while nobody looked", space, swept);
    } catch (SQLException e) {
      throw failed("completing " + table, e);
    }
  }

  @Override
  public void takeOver() {
    flush();
    try (PreparedStatement others =
            connection.prepareStatement(
                "UPDATE freshet_space SET answers = false WHERE answers AND space_id <> ?");
        PreparedStatement self =
            connection.prepareStatement(
                "UPDATE freshet_space SET answers = true WHERE space_id = ?")) {
      others.setString(1, space);
      others.executeUpdate();
      self.setString(1, space);
      self.executeUpdate();
      connection.commit();
    } catch (SQLException e) {
      throw failed("letting " + space + " answer", e);
    }
  }

  /**
   * Cosines of vectors of length one, by pgvector's negative inner product. Before pgvector 0.8
   * there may be fewer than asked for where many were withdrawn since the last vacuum.
   */
  @Override
  public List<Match> nearest(float[] query, int count) {
    if (query.length != dim || count < 1) {
      throw new IllegalArgumentException(
          "a query of %d dimensions for %d images; %s has %d dimensions, and at least 1 image"
              .formatted(query.length, count, space, dim));
    }
    flush();
    String near =
        "SELECT image_id, -(vector <#> ?::vector) FROM %s ORDER BY vector <#> ?::vector LIMIT ?"
            .formatted(table);
    try (PreparedStatement search = connection.prepareStatement(near);
        Statement statement = connection.createStatement()) {
      statement.execute(
          "SET LOCAL hnsw.ef_search = "
              + Math.min(MAX_EF_SEARCH, Math.max(EF_SEARCH, 2 * (long) count)));
      statement.execute(PAST_WITHDRAWN);
      String text = text(query);
      search.setString(1, text);
      search.setString(2, text);
      search.setInt(3, count);
      List<Match> matches = new ArrayList<>();
      try (ResultSet rows = search.executeQuery()) {
        while (rows.next()) {
          matches.add(new Match(rows.getString(1), rows.getDouble(2)));
        }
      }
      connection.commit();
      return matches;
    } catch (SQLException e) {
      throw failed("searching " + table, e);
    }
  }

  @Override
  public void discard() {
    waiting.clear();
    try (PreparedStatement entry =
            connection.prepareStatement("DELETE FROM freshet_space WHERE space_id = ?");
        Statement statement = connection.createStatement()) {
      entry.setString(1, space);
      entry.executeUpdate();
      statement.execute("DROP TABLE IF EXISTS " + table);
      connection.commit();
    } catch (SQLException e) {
      throw failed("dropping " + table, e);
    }
  }

  /** The rows stay; the connection is closed by whoever opened it. */
  @Override
  public void close() {
    waiting.clear();
  }

  private DatabaseException failed(String doing, SQLException e) {
    return rolledBack(connection, doing, e);
  }

  static DatabaseException rolledBack(Connection connection, String doing, SQLException cause) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
    return new DatabaseException(doing, cause);
  }

  /** pgvector's own text form. */
  private static String text(float[] vector) {
    return Arrays.toString(vector);
  }
}
