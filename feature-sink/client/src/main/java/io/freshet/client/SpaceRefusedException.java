package io.freshet.client;

/** A feature lives in another space than the consumer works in, and the policy allows none. */
public final class SpaceRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SpaceRefusedException(String found, String pinned) {
    super(
        ("a feature is of %s, but %s is pinned and their vectors must not be compared; pin the"
                + " other, skip it (SpacePolicy.only) or bring it over (SpacePolicy.adapting)")
            .formatted(found, pinned));
  }
}
