package io.freshet.ingest.html;

import java.util.List;
import java.util.Locale;
import org.jsoup.internal.StringUtil;

/** URLs as pages write them. */
final class ImageUrls {
  /** Schemes that stand for content of the page itself: nothing is there to fetch. */
  private static final List<String> NOT_FETCHED =
      List.of("data:", "blob:", "about:", "javascript:");

  private ImageUrls() {}

  /** Whether the text names something that a fetch could be asked for, be it allowed or not. */
  static boolean isFetched(String url) {
    String trimmed = url.trim();
    String start = trimmed.substring(0, Math.min(trimmed.length(), 16)).toLowerCase(Locale.ROOT);
    return !trimmed.isEmpty()
        && !start.startsWith("#")
        && NOT_FETCHED.stream().noneMatch(start::startsWith);
  }

  /**
   * Absolute form without fragment. What can't be resolved is returned as written, so that it ends
   * as a refusal with its reason and not in silence.
   */
  static String resolve(String base, String url) {
    String trimmed = url.trim();
    String absolute = StringUtil.resolve(base, trimmed);
    String resolved = absolute.isEmpty() ? trimmed : absolute;
    int fragment = resolved.indexOf('#');
    return fragment < 0 ? resolved : resolved.substring(0, fragment);
  }
}
