package io.freshet.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/**
 * Every schema that a record type ever had, oldest first: {@code history/<Record>.v<N>.avsc},
 * complete in one file each, so that consumers of any language can decode with them.
 */
public final class SchemaHistory {
  private SchemaHistory() {}

  public static List<Schema> of(Class<?> recordType) {
    List<Schema> schemas = new ArrayList<>();
    for (int version = 1; ; version++) {
      String resource = "history/%s.v%d.avsc".formatted(recordType.getSimpleName(), version);
      try (InputStream in = SchemaHistory.class.getResourceAsStream(resource)) {
        if (in == null) {
          return List.copyOf(schemas);
        }
        schemas.add(new Schema.Parser().parse(in));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
