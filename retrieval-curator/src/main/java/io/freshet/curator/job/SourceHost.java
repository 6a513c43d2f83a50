package io.freshet.curator.job;

import io.freshet.schemas.SourceUrls;
import java.net.URI;
import java.util.Locale;

/** The host that served an image, which budgets go by. */
public final class SourceHost {
  private SourceHost() {}

  /** In lower case; empty when the URL names none. */
  public static String of(SourceUrls source) {
    try {
      String host = URI.create(source.getImageUrl()).getHost();
      return host == null ? "" : host.toLowerCase(Locale.ROOT);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }
}
