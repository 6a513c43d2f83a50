package io.freshet.platform.objects;

import java.util.Optional;

/**
 * What must hold for a write to take place.
 *
 * @param ifNoneMatch {@code *}: there is no such object
 * @param ifMatch the object still has the content that the storage calls so
 */
public record Precondition(Optional<String> ifNoneMatch, Optional<String> ifMatch) {
  /** Nothing: the last writer wins. */
  public static Precondition none() {
    return new Precondition(Optional.empty(), Optional.empty());
  }

  /** There is no such object. */
  public static Precondition absent() {
    return new Precondition(Optional.of("*"), Optional.empty());
  }

  /**
   * The object still has this content.
   *
   * @param etag as the storage gave it
   */
  public static Precondition unchanged(String etag) {
    return new Precondition(Optional.empty(), Optional.of(etag));
  }
}
