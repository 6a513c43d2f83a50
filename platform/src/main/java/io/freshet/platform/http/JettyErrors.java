package io.freshet.platform.http;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.handler.ErrorHandler;

/** Errors that never reach a route: requests that aren't HTTP, addresses that aren't paths. */
final class JettyErrors extends ErrorHandler {
  @Override
  public void handle(
      String target, Request base, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    base.setHandled(true);
    SecurityHeaders.ALL.forEach(response::setHeader);
    response.setContentType(ErrorJson.CONTENT_TYPE);
    response
        .getWriter()
        .write(ErrorJson.of(response.getStatus(), "the server can't answer this request"));
  }

  @Override
  public ByteBuffer badMessageError(int status, String reason, HttpFields.Mutable fields) {
    SecurityHeaders.ALL.forEach(fields::put);
    fields.put(HttpHeader.CONTENT_TYPE, ErrorJson.CONTENT_TYPE);
    String body = ErrorJson.of(status, "the request is malformed");
    return ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8));
  }
}
