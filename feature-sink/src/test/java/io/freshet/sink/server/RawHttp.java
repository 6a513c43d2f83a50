package io.freshet.sink.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** Requests as they are written: a client library knows methods and tidies paths. */
final class RawHttp {
  private static final int PATIENCE_MILLIS = 90_000;

  private RawHttp() {}

  /** The head of an answer. */
  record Answer(int status, List<String> headers) {
    Optional<String> header(String name) {
      String start = name + ": ";
      return headers.stream()
          .filter(line -> line.regionMatches(true, 0, start, 0, start.length()))
          .map(line -> line.substring(start.length()))
          .findFirst();
    }
  }

  /**
   * Reads the head of the answer and leaves.
   *
   * @param request method and path
   */
  static Answer ask(String server, String request, Optional<String> header) throws IOException {
    URI address = URI.create(server);
    try (Socket socket = new Socket(address.getHost(), address.getPort())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      String head =
          "%s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 0\r\n%s\r\n"
              .formatted(request, header.map(line -> line + "\r\n").orElse(""));
      socket.getOutputStream().write(head.getBytes(UTF_8));
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
      String status = lines.readLine();
      if (status == null) {
        throw new IOException("no answer to " + request);
      }
      return new Answer(
          Integer.parseInt(status.split(" ", 3)[1]),
          lines.lines().takeWhile(line -> !line.isEmpty()).toList());
    }
  }
}
