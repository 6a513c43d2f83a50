package io.freshet.deploy.demo;

import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A small web site on loopback whose pages link the items of a {@link CrawlPlan}, without end:
 * {@code /pages/7.html} links twelve images {@code /images/84} to {@code /images/95}.
 */
public final class DemoSite implements AutoCloseable {
  public static final int IMAGES_PER_PAGE = 12;

  private final CrawlPlan plan;
  private final ItemRenderer renderer;
  private final Javalin server;

  private DemoSite(CrawlPlan plan, DemoImages images) {
    this.plan = plan;
    this.renderer = new ItemRenderer(images);
    this.server =
        Javalin.create(
            config -> {
              config.showJavalinBanner = false;
              config.startupWatcherEnabled = false;
            });
    server.get("/pages/{page}", this::page);
    server.get("/images/{item}", this::image);
  }

  /** Serves on 127.0.0.1; port 0 takes a free one. */
  public static DemoSite start(CrawlPlan plan, DemoImages images, int port) {
    DemoSite site = new DemoSite(plan, images);
    site.server.start("127.0.0.1", port);
    return site;
  }

  public int port() {
    return server.port();
  }

  public String pageUrl(int page) {
    return "http://127.0.0.1:%d/pages/%d.html".formatted(port(), page);
  }

  @Override
  public void close() {
    server.stop();
  }

  private void page(Context context) {
    int page = number(context.pathParam("page"), ".html");
    String links =
        IntStream.range(page * IMAGES_PER_PAGE, (page + 1) * IMAGES_PER_PAGE)
            .mapToObj(this::link)
            .collect(Collectors.joining("\n"));
    context.html(
        "<!doctype html>\n<html lang=\"en\"><head><title>Album %d</title></head><body>\n<h1>Album %d</h1>\n%s\n</body></html>\n"
            .formatted(page, page, links));
  }

  private String link(int index) {
    CrawlItem item = plan.item(index);
    String url =
        item instanceof CrawlItem.Forbidden forbidden ? forbidden.url() : "/images/" + index;
    return "<p><img src=\"%s\" alt=\"%s\"></p>".formatted(url, altText(item));
  }

  private static String altText(CrawlItem item) {
    if (item instanceof CrawlItem.Square square) {
      return "a square of " + square.square().photo();
    } else if (item instanceof CrawlItem.Drawing drawing) {
      return "a drawing, " + drawing.file();
    } else if (item instanceof CrawlItem.Copy copy) {
      return altText(copy.original());
    }
    return "a picture";
  }

  private void image(Context context) {
    var response = renderer.render(plan.item(number(context.pathParam("item"), "")));
    if (response.isEmpty()) {
      context.status(404).result("no such picture");
      return;
    }
    context.contentType(response.get().contentType()).result(response.get().body());
  }

  private static int number(String text, String suffix) {
    String digits = text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : "";
    if (!digits.matches("[0-9]{1,7}")) {
      throw new NotFoundResponse();
    }
    return Integer.parseInt(digits);
  }
}
