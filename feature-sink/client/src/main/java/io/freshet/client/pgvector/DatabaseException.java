package io.freshet.client.pgvector;

import java.sql.SQLException;

/**
 * The database failed or refused. What of the last events is in the tables is unknown: close, and
 * open anew when it is well; everything is read again and nothing is lost.
 */
public final class DatabaseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DatabaseException(String doing, SQLException cause) {
    super(doing + " failed: " + cause.getMessage(), cause);
  }
}
