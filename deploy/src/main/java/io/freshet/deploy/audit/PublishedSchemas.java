package io.freshet.deploy.audit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/** The {@code .avsc} files that consumers of any language decode with. */
final class PublishedSchemas {
  private PublishedSchemas() {}

  static List<Schema> of(String recordName) {
    List<Schema> schemas = new ArrayList<>();
    for (int version = 1; ; version++) {
      String resource = "/io/freshet/schemas/history/%s.v%d.avsc".formatted(recordName, version);
      try (InputStream in = PublishedSchemas.class.getResourceAsStream(resource)) {
        if (in == null) {
          return schemas;
        }
        schemas.add(new Schema.Parser().parse(in));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
