package io.freshet.ingest.html;

import static java.util.function.Predicate.not;

import io.freshet.ingest.text.BoundedText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

/**
 * The images that an HTML page shows: {@code <img>} with its lazy-loading attributes and {@code
 * srcset}, {@code <picture>}, and the page's {@code og:image} and {@code twitter:image}.
 *
 * <p>An element that offers one picture in several sizes or formats gives one link, to the largest
 * that can be decoded here. Images that the page carries itself ({@code data:} URLs) are no links.
 *
 * <p>Thread-safe.
 */
public final class ImageLinkExtractor {
  private static final Pattern CHARSET =
      Pattern.compile("charset\\s*=\\s*[\"']?([^\\s\"';,]{1,40})", Pattern.CASE_INSENSITIVE);
  private static final List<String> LAZY_SETS = List.of("data-srcset", "data-lazy-srcset");
  private static final List<String> LAZY_SOURCES =
      List.of("data-src", "data-original", "data-lazy-src", "data-lazy");
  private static final Set<String> META_IMAGES =
      Set.of(
          "og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src");
  private static final Set<String> META_ALTS = Set.of("og:image:alt", "twitter:image:alt");
  private static final Set<String> UNDECODABLE_TYPES =
      Set.of("image/avif", "image/jxl", "image/heic", "image/heif", "image/svg+xml");

  private final HtmlConfig config;

  public ImageLinkExtractor(HtmlConfig config) {
    this.config = config;
  }

  /**
   * Never fails on what a page holds.
   *
   * @param pageUrl what relative links refer to unless the page has a {@code <base>}
   * @param contentType the response's header; its charset wins over the page's own {@code <meta>}
   */
  public PageImages extract(String pageUrl, Optional<String> contentType, byte[] body) {
    Document page = parse(pageUrl, contentType, body);
    Map<String, ImageLink> links = new LinkedHashMap<>();
    page.stream()
        .flatMap(element -> link(page, element).stream())
        .forEach(link -> links.merge(link.url(), link, ImageLinkExtractor::withAltText));
    return new PageImages(
        links.values().stream().limit(config.maxImagesPerPage()).toList(),
        Math.max(0, links.size() - config.maxImagesPerPage()));
  }

  private static ImageLink withAltText(ImageLink first, ImageLink again) {
    return first.altText().isPresent() ? first : again;
  }

  private Document parse(String pageUrl, Optional<String> contentType, byte[] body) {
    int length = (int) Math.min(body.length, config.maxPageBytes().bytes());
    String charset = contentType.flatMap(ImageLinkExtractor::charset).orElse(null);
    try {
      return Jsoup.parse(new ByteArrayInputStream(body, 0, length), charset, pageUrl);
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory failed", e);
    }
  }

  private static Optional<String> charset(String contentType) {
    Matcher matcher = CHARSET.matcher(contentType);
    return matcher.find() && isKnown(matcher.group(1))
        ? Optional.of(matcher.group(1))
        : Optional.empty();
  }

  private static boolean isKnown(String charset) {
    try {
      return Charset.isSupported(charset) && Charset.forName(charset).canEncode();
    } catch (IllegalCharsetNameException e) {
      return false;
    }
  }

  private Optional<ImageLink> link(Document page, Element element) {
    return switch (element.normalName()) {
      case "img" -> image(element);
      case "meta" -> meta(page, element);
      default -> Optional.empty();
    };
  }

  private Optional<ImageLink> image(Element image) {
    return pictureSource(image)
        .or(() -> largest(image))
        .or(() -> attribute(image, LAZY_SOURCES))
        .or(() -> attribute(image, List.of("src")))
        .map(url -> new ImageLink(ImageUrls.resolve(image.baseUri(), url), alt(image.attr("alt"))));
  }

  /** The largest candidate among a picture's decodable sources and its image. */
  private static Optional<String> pictureSource(Element image) {
    Element parent = image.parent();
    if (parent == null || !parent.normalName().equals("picture")) {
      return Optional.empty();
    }
    return Stream.concat(
            parent.children().stream()
                .filter(child -> child.normalName().equals("source"))
                .filter(source -> !UNDECODABLE_TYPES.contains(type(source))),
            Stream.of(image))
        .flatMap(source -> candidate(source).stream())
        .reduce((best, next) -> next.isLargerThan(best) ? next : best)
        .map(SrcSet.Candidate::url);
  }

  private static String type(Element source) {
    return source.attr("type").split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
  }

  private static Optional<String> largest(Element element) {
    return candidate(element).map(SrcSet.Candidate::url);
  }

  private static Optional<SrcSet.Candidate> candidate(Element element) {
    return Stream.concat(Stream.of("srcset"), LAZY_SETS.stream())
        .flatMap(name -> SrcSet.largest(element.attr(name)).stream())
        .reduce((best, next) -> next.isLargerThan(best) ? next : best);
  }

  private static Optional<String> attribute(Element element, List<String> names) {
    return names.stream().map(element::attr).filter(ImageUrls::isFetched).findFirst();
  }

  private Optional<ImageLink> meta(Document page, Element meta) {
    if (!META_IMAGES.contains(metaName(meta)) || !ImageUrls.isFetched(meta.attr("content"))) {
      return Optional.empty();
    }
    Element next = meta.nextElementSibling();
    boolean described = next != null && META_ALTS.contains(metaName(next));
    return Optional.of(
        new ImageLink(
            ImageUrls.resolve(page.baseUri(), meta.attr("content")),
            described ? alt(next.attr("content")) : Optional.empty()));
  }

  private static String metaName(Element meta) {
    String property = meta.attr("property");
    return (property.isEmpty() ? meta.attr("name") : property).trim().toLowerCase(Locale.ROOT);
  }

  private Optional<String> alt(String text) {
    return Optional.of(BoundedText.cut(text.strip(), config.maxAltBytes()))
        .filter(not(String::isEmpty));
  }
}
