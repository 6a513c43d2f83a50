package io.freshet.sink.server;

import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import java.util.Optional;

/** Parameters of a request's query, within bounds. */
final class Query {
  private Query() {}

  /**
   * @throws BadRequestResponse when it is no whole number, or outside
   */
  static int number(Context context, String name, int absent, int least, int most) {
    String given = context.queryParam(name);
    if (given == null) {
      return absent;
    }
    try {
      int value = Integer.parseInt(given);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new BadRequestResponse("%s must be a number %d..%d".formatted(name, least, most));
  }

  /**
   * Empty when it is absent or blank.
   *
   * @throws BadRequestResponse when it is longer
   */
  static Optional<String> text(Context context, String name, int maxChars) {
    String given = context.queryParam(name);
    if (given == null || given.isBlank()) {
      return Optional.empty();
    }
    if (given.length() > maxChars) {
      throw new BadRequestResponse(
          "%s has %d characters, the limit is %d".formatted(name, given.length(), maxChars));
    }
    return Optional.of(given.strip());
  }
}
