package io.freshet.ingest.html;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jsoup.internal.StringUtil;

/** URLs as pages write them. */
final class ImageUrls {
  /** Schemes that stand for content of the page itself: nothing is there to fetch. */
  private static final List<String> NOT_FETCHED =
      List.of("data:", "blob:", "about:", "javascript:");

  private static final Pattern ABSOLUTE = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:");

  /** Browsers drop them, so pages have them. */
  private static final Pattern LINE_BREAKS = Pattern.compile("[\\t\\r\\n]");

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
   * Absolute form without fragment. A URL that is absolute already stays as the page wrote it, so
   * that the policy judges what the page says; what can't be resolved does too, so that it ends as
   * a refusal with its reason and not in silence.
   */
  static String resolve(String base, String url) {
    String trimmed = LINE_BREAKS.matcher(url.trim()).replaceAll("");
    String absolute =
        ABSOLUTE.matcher(trimmed).lookingAt() ? trimmed : StringUtil.resolve(base, trimmed);
    String resolved = absolute.isEmpty() ? trimmed : absolute;
    int fragment = resolved.indexOf('#');
    return fragment < 0 ? resolved : resolved.substring(0, fragment);
  }
}
