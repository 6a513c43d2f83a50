package io.freshet.ingest.html;

import java.util.Optional;

/**
 * The {@code srcset} attribute: comma-separated candidates, each a URL and a width ({@code 800w})
 * or a density ({@code 2x}).
 *
 * @see <a
 *     href="https://html.spec.whatwg.org/multipage/images.html#parsing-a-srcset-attribute">HTML:
 *     parsing a srcset attribute</a>
 */
final class SrcSet {
  /**
   * @param width pixels of the candidate, or 0 when the set tells densities
   * @param density pixels per CSS pixel, 1 when nothing is told
   */
  record Candidate(String url, double width, double density) {
    boolean isLargerThan(Candidate other) {
      return width != other.width ? width > other.width : density > other.density;
    }
  }

  private final String text;
  private int position;

  private SrcSet(String text) {
    this.text = text;
  }

  /** The candidate with the most pixels, the first of equals. */
  static Optional<Candidate> largest(String attribute) {
    SrcSet parser = new SrcSet(attribute);
    Candidate best = null;
    for (Candidate next = parser.next(); next != null; next = parser.next()) {
      if (ImageUrls.isFetched(next.url) && (best == null || next.isLargerThan(best))) {
        best = next;
      }
    }
    return Optional.ofNullable(best);
  }

  private Candidate next() {
    while (position < text.length() && (isSpace(text.charAt(position)) || isComma())) {
      position++;
    }
    if (position == text.length()) {
      return null;
    }
    int start = position;
    while (position < text.length() && !isSpace(text.charAt(position))) {
      position++;
    }
    // A comma inside a URL belongs to it; one at its end closes the candidate.
    int end = position;
    while (end > start && text.charAt(end - 1) == ',') {
      end--;
    }
    String url = text.substring(start, end);
    return end < position ? new Candidate(url, 0, 1) : withDescriptors(url);
  }

  private Candidate withDescriptors(String url) {
    int start = position;
    int depth = 0;
    while (position < text.length() && (depth > 0 || !isComma())) {
      char c = text.charAt(position++);
      depth += c == '(' ? 1 : c == ')' && depth > 0 ? -1 : 0;
    }
    double width = 0;
    double density = 1;
    for (String descriptor : text.substring(start, position).trim().split("\\s+", 8)) {
      double number = number(descriptor);
      if (descriptor.endsWith("w")) {
        width = number;
      } else if (descriptor.endsWith("x")) {
        density = number;
      }
    }
    return new Candidate(url, width, density);
  }

  private static double number(String descriptor) {
    String digits = descriptor.isEmpty() ? "" : descriptor.substring(0, descriptor.length() - 1);
    return digits.matches("\\d{1,9}(\\.\\d{1,9})?") ? Double.parseDouble(digits) : 0;
  }

  private boolean isComma() {
    return text.charAt(position) == ',';
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
  }
}
