package io.freshet.dedup.request;

import io.freshet.schemas.IngestedImage;
import io.freshet.schemas.Origin;
import java.util.Objects;

/**
 * An ingested image that awaits its outcome.
 *
 * @param image never changed
 * @param origin the record that asked, for a refusal to point at
 */
public record Request(IngestedImage image, Origin origin) {
  public Request {
    Objects.requireNonNull(image, "image");
    Objects.requireNonNull(origin, "origin");
  }

  public String imageId() {
    return image.getImageId();
  }
}
