package io.freshet.ingest.fetch;

import static io.freshet.schemas.RejectionReason.FETCH_FAILED;
import static io.freshet.schemas.RejectionReason.URL_FORBIDDEN;

import java.util.List;

/** Where a fetch may go next. */
final class Redirects {
  private Redirects() {}

  /**
   * @param path the URLs asked so far, the last of which answered with the redirect
   * @param location as the server wrote it
   * @throws UrlRefusedException when there were too many, it leads in a circle, from https to http,
   *     or to what the policy refuses
   */
  static WebUrl next(UrlPolicy policy, List<WebUrl> path, String location, int maxRedirects)
      throws UrlRefusedException {
    int number = path.size();
    if (number > maxRedirects) {
      throw UrlRefusedException.because(
          FETCH_FAILED, "more than %d redirects".formatted(maxRedirects));
    }
    WebUrl from = path.get(number - 1);
    WebUrl to = vet(policy, from, location, number);
    if (from.isSecure() && !to.isSecure()) {
      throw UrlRefusedException.because(
          URL_FORBIDDEN, "redirect %d leads from https to %s".formatted(number, to));
    }
    if (path.contains(to)) {
      throw UrlRefusedException.because(
          FETCH_FAILED, "redirect %d leads in a circle to %s".formatted(number, to));
    }
    return to;
  }

  private static WebUrl vet(UrlPolicy policy, WebUrl from, String location, int number)
      throws UrlRefusedException {
    try {
      return policy.vet(from.resolve(location));
    } catch (UrlRefusedException e) {
      throw UrlRefusedException.because(
          e.reason(), "redirect %d: %s".formatted(number, e.getMessage()));
    }
  }
}
