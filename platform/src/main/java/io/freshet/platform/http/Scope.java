package io.freshet.platform.http;

import io.javalin.http.Context;
import io.javalin.http.Handler;

/** What a client may do. */
public enum Scope {
  /** Look at everything; every route needs it. */
  READ,
  /** Also move aliases; only ever by a bearer token, which no browser sends by itself. */
  PROMOTE;

  /** A handler that answers 401 or 403 to clients without this scope. */
  public Handler guarding(Handler handler) {
    return context -> {
      require(context);
      handler.handle(context);
    };
  }

  private void require(Context context) {
    if (this == PROMOTE) {
      Access.requirePromotion(context);
    }
  }
}
