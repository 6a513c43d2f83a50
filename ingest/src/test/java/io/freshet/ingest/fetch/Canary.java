package io.freshet.ingest.fetch;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** A server on every address of this machine that only counts who comes. */
final class Canary implements AutoCloseable {
  private static final byte[] ANSWER =
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nhit"
          .getBytes(StandardCharsets.US_ASCII);

  private final ServerSocket server = new ServerSocket();
  private final AtomicInteger connections = new AtomicInteger();

  Canary() throws IOException {
    server.bind(new InetSocketAddress((InetAddress) null, 0), 200);
    Thread thread = new Thread(this::accept, "canary");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        connections.incrementAndGet();
        socket.getOutputStream().write(ANSWER);
      } catch (IOException e) {
        // The visitor left, or the test ended; it was counted.
      }
    }
  }

  int port() {
    return server.getLocalPort();
  }

  int connections() {
    return connections.get();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
