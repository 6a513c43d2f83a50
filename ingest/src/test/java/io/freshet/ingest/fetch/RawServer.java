package io.freshet.ingest.fetch;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server on 127.0.0.1 whose answers are written byte by byte, so it can lie as servers do. */
final class RawServer implements AutoCloseable {
  /** Writes what the client gets; the connection is closed behind it. */
  @FunctionalInterface
  interface Answer {
    void write(OutputStream out) throws IOException, InterruptedException;
  }

  private final ServerSocket server =
      new ServerSocket(0, 200, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final List<List<String>> requests = new CopyOnWriteArrayList<>();
  private final List<Socket> open = new CopyOnWriteArrayList<>();

  RawServer() throws IOException {
    start(this::accept);
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "raw-server");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        open.add(socket);
        start(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      List<String> request = new ArrayList<>();
      for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        request.add(line);
      }
      if (request.isEmpty()) {
        return;
      }
      requests.add(request);
      String target = request.get(0).split(" ", 3)[1];
      answers
          .getOrDefault(target, text("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))
          .write(socket.getOutputStream());
      socket.getOutputStream().flush();
    } catch (IOException e) {
      // The client went away, which many of the tests want.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(socket);
    }
  }

  RawServer on(String target, Answer answer) {
    answers.put(target, answer);
    return this;
  }

  RawServer on(String target, String response) {
    return on(target, text(response));
  }

  RawServer redirect(String target, String location) {
    return on(
        target,
        "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n".formatted(location));
  }

  static Answer text(String response) {
    return out -> out.write(response.getBytes(StandardCharsets.ISO_8859_1));
  }

  static Answer body(String headers, byte[] body) {
    return out -> {
      out.write(("HTTP/1.1 200 OK\r\n" + headers + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      out.write(body);
    };
  }

  String url(String target) {
    return "http://127.0.0.1:%d%s".formatted(port(), target);
  }

  int port() {
    return server.getLocalPort();
  }

  /** Request line and headers of every request so far. */
  List<List<String>> requests() {
    return requests;
  }

  /** Connections that the client has not given up. */
  int openConnections() {
    return open.size();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
