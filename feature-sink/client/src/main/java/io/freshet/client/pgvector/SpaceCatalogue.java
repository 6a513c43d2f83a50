package io.freshet.client.pgvector;

import io.freshet.client.similar.SimilarityIndex;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * Which spaces a database holds. Each has a table of its own, {@code (image_id text primary key,
 * vector vector(dim), read bigint)}, so that no query meets two spaces and no row of one can be
 * written to the other; table {@code freshet_space} names them:
 *
 * <pre>{@code
 * space_id text primary key, table_name text, dim int,
 * complete boolean,   -- everything that the topic held is in it
 * answers boolean,    -- the one to ask; true in one row at most
 * read bigint         -- times that the topic was read into it from its beginning
 * }</pre>
 *
 * <p>The connection is the caller's and is used by one thread; autocommit is switched off. One
 * process at a time keeps a database fresh.
 */
public final class SpaceCatalogue implements SimilarityIndex.Factory {
  /** Of pgvector's column type. */
  private static final int MAX_DIM = 16_000;

  private static final int MAX_NAME = 40;

  private final Connection connection;

  /**
   * Creates the extension and the catalogue where they are missing.
   *
   * @throws DatabaseException also when the server has no pgvector, or the user may not create it
   */
  public SpaceCatalogue(Connection connection) {
    this.connection = connection;
    try {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute("CREATE EXTENSION IF NOT EXISTS vector");
        statement.execute(
            """
            CREATE TABLE IF NOT EXISTS freshet_space (
              space_id text PRIMARY KEY,
              table_name text NOT NULL UNIQUE,
              dim int NOT NULL,
              complete boolean NOT NULL DEFAULT false,
              answers boolean NOT NULL DEFAULT false,
              read bigint NOT NULL DEFAULT 0)
            """);
        statement.execute(
            "CREATE UNIQUE INDEX IF NOT EXISTS freshet_space_answers"
                + " ON freshet_space (answers) WHERE answers");
      }
      connection.commit();
    } catch (SQLException e) {
      throw failed("creating the extension vector and the table freshet_space", e);
    }
  }

  /** The space that answers: what a process that starts again goes on with. */
  public Optional<String> answering() {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT space_id FROM freshet_space WHERE answers")) {
      Optional<String> space = row.next() ? Optional.of(row.getString(1)) : Optional.empty();
      connection.commit();
      return space;
    } catch (SQLException e) {
      throw failed("looking for the space that answers", e);
    }
  }

  /**
   * The table of a space, created if it is missing; the first space of all answers.
   *
   * @throws IllegalArgumentException when the space is known with another number of dimensions
   */
  @Override
  public SpaceTable open(String space, int dim) {
    if (dim < 1 || dim > MAX_DIM) {
      throw new IllegalArgumentException(
          "%s has %d dimensions; pgvector stores 1 to %d".formatted(space, dim, MAX_DIM));
    }
    String table = tableName(space);
    try (PreparedStatement entry =
            connection.prepareStatement(
                """
                INSERT INTO freshet_space AS known (space_id, table_name, dim, answers, read)
                VALUES (?, ?, ?, NOT EXISTS (SELECT FROM freshet_space WHERE answers), 1)
                ON CONFLICT (space_id) DO UPDATE SET read = known.read + 1
                RETURNING dim, read
                """);
        Statement statement = connection.createStatement()) {
      entry.setString(1, space);
      entry.setString(2, table);
      entry.setInt(3, dim);
      try (ResultSet row = entry.executeQuery()) {
        row.next();
        if (row.getInt(1) != dim) {
          connection.rollback();
          throw new IllegalArgumentException(
              "%s is stored with %d dimensions, not %d: drop table %s and its row of freshet_space"
                  .formatted(space, row.getInt(1), dim, table));
        }
        long read = row.getLong(2);
        statement.execute(
            """
            CREATE TABLE IF NOT EXISTS %s (
              image_id text PRIMARY KEY, vector vector(%d) NOT NULL, read bigint NOT NULL)
            """
                .formatted(table, dim));
        connection.commit();
        return new SpaceTable(connection, space, table, dim, read);
      }
    } catch (SQLException e) {
      throw failed("opening the table of " + space, e);
    }
  }

  private DatabaseException failed(String doing, SQLException e) {
    return SpaceTable.rolledBack(connection, doing, e);
  }

  /** Like the space, and with a piece of its digest, so that no two have the same. */
  static String tableName(String space) {
    String like = space.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_");
    return "feature_%s_%s"
        .formatted(like.substring(0, Math.min(MAX_NAME, like.length())), digest(space));
  }

  private static String digest(String text) {
    try {
      byte[] sha256 =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(sha256, 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
