package io.freshet.deploy.curation;

import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Origin;
import io.freshet.schemas.SourceUrls;
import java.nio.file.Path;

/** Where an image was found. */
public sealed interface Place {
  /** A name for people, and for whoever asked for an image of this place. */
  String name();

  /** A file of a directory. */
  record InFile(Path file) implements Place {
    @Override
    public String name() {
      return file.toString();
    }
  }

  /**
   * An image of {@code image.unique}.
   *
   * @param origin where its record lies
   * @param blob where its bytes lie
   * @param source where it came from
   */
  record InTopic(Origin origin, BlobRef blob, SourceUrls source) implements Place {
    @Override
    public String name() {
      return Place.name(origin);
    }
  }

  /**
   * A seed that is registered.
   *
   * @param file its name within its dataset
   */
  record Registered(String file) implements Place {
    @Override
    public String name() {
      return file;
    }
  }

  /** {@code topic-partition@offset}, as Kafka's own tools write it. */
  static String name(Origin origin) {
    return "%s-%d@%d".formatted(origin.getTopic(), origin.getPartition(), origin.getOffset());
  }
}
