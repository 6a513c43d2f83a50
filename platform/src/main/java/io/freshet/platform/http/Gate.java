package io.freshet.platform.http;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import java.util.regex.Pattern;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.handler.HandlerWrapper;

/**
 * Stands before everything that is served, files and errors too: sets the security headers and
 * decides who may enter. With a token, whoever presents it; without one, only requests that were
 * addressed to this machine by a loopback name, so that a foreign page can't reach in by pointing
 * its own name at 127.0.0.1 (DNS rebinding).
 */
final class Gate extends HandlerWrapper {
  private static final Set<String> OPEN = Set.of("/healthz", "/health");
  private static final Pattern LOOPBACK =
      Pattern.compile(
          "localhost|127(\\.\\d{1,3}){3}|\\[?::1]?|\\[?0:0:0:0:0:0:0:1]?",
          Pattern.CASE_INSENSITIVE);

  private final Access access;
  private final String ownName;

  Gate(Access access, String ownName) {
    this.access = access;
    this.ownName = ownName;
  }

  @Override
  public void handle(
      String target, Request base, HttpServletRequest request, HttpServletResponse response)
      throws IOException, ServletException {
    SecurityHeaders.ALL.forEach(response::setHeader);
    boolean admitted = access.admit(request);
    if (!access.readersNeedToken()) {
      String name = request.getServerName();
      if (name == null || !(LOOPBACK.matcher(name).matches() || name.equalsIgnoreCase(ownName))) {
        refuse(base, response, 421, "this server answers to loopback names only");
        return;
      }
    } else if (!OPEN.contains(target) && !admitted) {
      response.addHeader("WWW-Authenticate", "Basic realm=\"freshet\", charset=\"UTF-8\"");
      response.addHeader("WWW-Authenticate", "Bearer realm=\"freshet\"");
      refuse(base, response, 401, "present the access token");
      return;
    }
    super.handle(target, base, request, response);
  }

  private static void refuse(Request base, HttpServletResponse response, int status, String message)
      throws IOException {
    base.setHandled(true);
    response.setStatus(status);
    response.setContentType(ErrorJson.CONTENT_TYPE);
    response.getWriter().write(ErrorJson.of(status, message));
  }
}
