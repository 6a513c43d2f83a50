package io.freshet.sink.server;

import io.freshet.platform.registry.ReleaseAlteredException;
import io.javalin.http.Handler;
import io.javalin.http.InternalServerErrorResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was altered in the registry is not served; the reader learns it without its paths. */
final class IntactOnly {
  private static final Logger LOG = LoggerFactory.getLogger(IntactOnly.class);

  private IntactOnly() {}

  /** A handler that answers 500 and {@code Freshet-Altered} where another finds it altered. */
  static Handler of(Handler handler) {
    return context -> {
      try {
        handler.handle(context);
      } catch (ReleaseAlteredException e) {
        LOG.error("not served: {}", e.getMessage());
        context.header("Freshet-Altered", "true");
        throw new InternalServerErrorResponse(
            "what was asked for was altered in the registry and is not served; use another version,"
                + " or restore this one");
      }
    };
  }
}
