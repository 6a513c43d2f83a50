package io.freshet.platform.http;

import io.freshet.platform.config.ConfigException;
import io.javalin.http.Context;
import io.javalin.http.ForbiddenResponse;
import io.javalin.http.UnauthorizedResponse;
import java.util.Optional;

/**
 * Which tokens open what. Thread-safe.
 *
 * @param reader for everything that needs {@link Scope#READ}; empty lets everyone read
 * @param promoter for everything; empty lets nobody promote
 */
record Access(Optional<AccessToken> reader, Optional<AccessToken> promoter) {
  private static final String GRANTED = "io.freshet.http.granted";

  /** What a request's credentials are good for. */
  private enum Granted {
    /** None were presented, or unknown ones. */
    NOTHING,
    READ,
    PROMOTE
  }

  /**
   * @throws ConfigException when a file can't be read or holds no token, or both hold the same
   */
  static Access of(HttpConfig config) {
    Access access =
        new Access(
            config.tokenFile().map(file -> AccessToken.read("http.token_file", file)),
            config
                .promoteTokenFile()
                .map(file -> AccessToken.read("http.promote_token_file", file)));
    if (access.reader.isPresent() && access.reader.equals(access.promoter)) {
      throw new ConfigException(
          "http.token_file and http.promote_token_file hold the same token, so that whoever reads"
              + " may promote; make another");
    }
    return access;
  }

  boolean readersNeedToken() {
    return reader.isPresent();
  }

  /** Whether the credentials let a request in; remembers with the request what they are for. */
  boolean admit(jakarta.servlet.http.HttpServletRequest request) {
    String authorization = request.getHeader("Authorization");
    Granted granted = Granted.NOTHING;
    if (promoter.filter(token -> token.isBearerIn(authorization)).isPresent()) {
      granted = Granted.PROMOTE;
    } else if (reader.filter(token -> token.isIn(authorization)).isPresent()) {
      granted = Granted.READ;
    }
    request.setAttribute(GRANTED, granted);
    return reader.isEmpty() || granted != Granted.NOTHING;
  }

  /** Refuses requests whose credentials, as {@link #admit} saw them, are not for promotion. */
  static void requirePromotion(Context context) {
    Granted granted = (Granted) context.req().getAttribute(GRANTED);
    if (granted == Granted.READ) {
      throw new ForbiddenResponse("this token may read but not promote");
    }
    if (granted != Granted.PROMOTE) {
      context.header("WWW-Authenticate", "Bearer realm=\"freshet\"");
      throw new UnauthorizedResponse(
          "present the token of http.promote_token_file; without that setting nobody may promote");
    }
  }
}
