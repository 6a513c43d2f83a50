package io.freshet.deploy.demo;

import io.freshet.schemas.CrawledPage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/**
 * The demo's crawler: fetches one page of the site after another at a steady rate and writes it to
 * {@code crawl.pages}. Owns one thread between {@link #start} and {@link #close}.
 */
public final class DemoCrawler implements AutoCloseable {
  private final DemoSite site;
  private final Function<CrawledPage, ? extends Future<?>> output;
  private final Duration pause;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final Thread thread;
  private volatile boolean stopped;
  private final AtomicInteger nextPage;
  private volatile Throwable failure;

  /**
   * @param output sends a page and tells when it is durable
   * @param imagesPerSecond how fast images are linked
   * @param firstPage where an earlier run stopped, or 0
   */
  public DemoCrawler(
      DemoSite site,
      Function<CrawledPage, ? extends Future<?>> output,
      double imagesPerSecond,
      int firstPage) {
    this.site = site;
    this.output = output;
    this.pause = Duration.ofNanos((long) (1e9 * DemoSite.IMAGES_PER_PAGE / imagesPerSecond));
    this.nextPage = new AtomicInteger(firstPage);
    this.thread = new Thread(this::crawl, "demo-crawler");
    thread.setDaemon(true);
  }

  public void start() {
    thread.start();
  }

  /** Pages written so far, over all runs on this state. */
  public int pages() {
    return nextPage.get();
  }

  /** Stops after the page in hand. Throws what stopped the crawler early, if anything did. */
  @Override
  public void close() {
    stopped = true;
    LockSupport.unpark(thread);
    try {
      thread.join(Duration.ofSeconds(20).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (failure != null) {
      throw new IllegalStateException("the demo's crawler stopped at page " + nextPage, failure);
    }
  }

  private void crawl() {
    long due = System.nanoTime();
    try {
      while (!stopped) {
        output.apply(fetch(site.pageUrl(nextPage.get()))).get();
        nextPage.incrementAndGet();
        due += pause.toNanos();
        for (long wait = due - System.nanoTime();
            wait > 0 && !stopped;
            wait = due - System.nanoTime()) {
          LockSupport.parkNanos(wait);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | UncheckedIOException e) {
      failure = e;
    }
  }

  private CrawledPage fetch(String url) throws InterruptedException {
    try {
      HttpResponse<byte[]> response =
          client.send(
              HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(10)).build(),
              HttpResponse.BodyHandlers.ofByteArray());
      Map<String, String> headers = new HashMap<>();
      response.headers().map().forEach((name, values) -> headers.put(name, values.get(0)));
      return new CrawledPage(
          url,
          Instant.now(),
          response.statusCode(),
          headers,
          headers.get("content-type"),
          ByteBuffer.wrap(response.body()));
    } catch (IOException e) {
      throw new UncheckedIOException("can't fetch " + url, e);
    }
  }
}
