package io.freshet.ingest.html;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.config.DataSize;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageLinkExtractorTest {
  private static final String PAGE = "https://site.org/dir/page.html?q=1";
  private static final Optional<String> HTML = Optional.of("text/html; charset=utf-8");

  private final ImageLinkExtractor extractor =
      new ImageLinkExtractor(new HtmlConfig(new DataSize(1 << 20), 10, 1024));

  private List<String> urls(String html) {
    return extractor.extract(PAGE, HTML, html.getBytes(UTF_8)).links().stream()
        .map(ImageLink::url)
        .toList();
  }

  private ImageLink only(String html) {
    List<ImageLink> links = extractor.extract(PAGE, HTML, html.getBytes(UTF_8)).links();
    assertEquals(1, links.size(), links::toString);
    return links.get(0);
  }

  @ParameterizedTest
  @CsvSource({
    "a.png, https://site.org/dir/a.png",
    "/a.png, https://site.org/a.png",
    "../a.png, https://site.org/a.png",
    "//cdn.net/a.png, https://cdn.net/a.png",
    "http://other.net/a.png, http://other.net/a.png",
    "?b=2, https://site.org/dir/page.html?b=2",
    "a.png#top, https://site.org/dir/a.png",
    "'  a.png  ', https://site.org/dir/a.png",
    "'a\n.p\tng', https://site.org/dir/a.png",
    "http://user:pw@127.0.0.1/a?b#c, http://user:pw@127.0.0.1/a?b",
    "file:///etc/passwd, file:///etc/passwd",
    "HTTP://Other.net, HTTP://Other.net"
  })
  void resolvesReferences(String src, String url) {
    assertEquals(url, only("<img src='%s'>".formatted(src)).url());
  }

  @Test
  void resolvesAgainstBase() {
    assertEquals(
        List.of("https://cdn.net/x/a.png"),
        urls("<head><base href='//cdn.net/x/'></head><body><img src=a.png>"));
  }

  @Test
  void listsImagesOnceInDocumentOrder() {
    assertEquals(
        List.of("https://site.org/dir/b.png", "https://site.org/dir/a.png"),
        urls("<img src=b.png><p><img src=a.png></p><div><img src=./b.png#x><img src=a.png></div>"));
  }

  @Test
  void takesTheFirstAltTextThatIsThere() {
    ImageLink link = only("<img src=a.png alt=' '><img src=a.png alt=' A cat '>");
    assertEquals(Optional.of("A cat"), link.altText());
    assertEquals(Optional.empty(), only("<img src=a.png>").altText());
  }

  @Test
  void cutsAltTextToOneKibibyte() {
    String alt =
        only("<img src=a.png alt='%s'>".formatted("é".repeat(3000))).altText().orElseThrow();
    assertEquals("é".repeat(512), alt);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "s.png 320w, l.png 1200w, m.png 800w | l.png",
        "s.png, l.png 2x, m.png 1.5x | l.png",
        "a.png | a.png",
        "a.png 100w,b.png 200w | b.png",
        "a,b.png 1x, c.png 3x | c.png",
        "a.png?w=1,2 2x , b.png 1x | a.png?w=1,2",
        "a.png 1x, a.png, b.png bogus | a.png",
        ", , a.png 2x, | a.png",
        "data:image/png;base64,AAAA 9x, a.png 1x | a.png",
        "a.png -5w, b.png 1w | b.png",
        "a.png 99999999999999999999w, b.png 5w | b.png",
        "a.png 100w 50h, b.png (1, 2) 200w | b.png"
      })
  void takesTheLargestCandidate(String srcset, String expected) {
    assertEquals(
        List.of("https://site.org/dir/" + expected),
        urls("<img src='x.png' srcset='%s'>".formatted(srcset)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<img data-src=a.png>",
        "<img src='data:image/gif;base64,R0lGOD' data-src=a.png>",
        "<img src=tiny.gif data-original=a.png>",
        "<img src='' data-lazy-src='a.png'>",
        "<img src=tiny.gif data-srcset='b.png 1x, a.png 2x'>",
        "<body><noscript><img src=a.png></noscript>",
        "<picture><source srcset=a.png><img src=fallback.jpg></picture>",
        "<picture><source type=image/avif srcset=b.avif><source type='image/webp' srcset='a.png 2x'>"
            + "<img src=fallback.jpg></picture>",
        "<picture><source type=image/svg+xml srcset=b.svg><img src=a.png></picture>",
        "<picture><source srcset='b.png 300w'><img src=c.png srcset='a.png 600w'></picture>",
        "<head><meta property='og:image' content='a.png'></head>",
        "<head><meta name='twitter:image' content='a.png'></head>",
        "<head><META PROPERTY='OG:Image' CONTENT='a.png'></head>",
        "<IMG SRC=a.png>",
        "<table><tr><img src=a.png></table>"
      })
  void findsTheImage(String html) {
    assertEquals(List.of("https://site.org/dir/a.png"), urls(html));
  }

  @Test
  void takesAltTextOfMetaImages() {
    ImageLink link =
        only("<meta property=og:image content=a.png><meta property=og:image:alt content='A dog'>");
    assertEquals(Optional.of("A dog"), link.altText());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no markup",
        "<img>",
        "<img src>",
        "<img src='  '>",
        "<img src='#top'>",
        "<img src='data:image/png;base64,iVBORw0KGgo='>",
        "<img src='JavaScript:alert(1)'>",
        "<img src='blob:https://site.org/1'>",
        "<!-- <img src=a.png> -->",
        "<script>'<img src=a.png>'</script>",
        "<textarea><img src=a.png></textarea>",
        "<meta property=og:title content=a.png>",
        "<a href=a.png>a</a>",
        "\0\1\2\3"
      })
  void findsNothingToFetch(String html) {
    assertEquals(List.of(), urls(html));
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://[::1", "http://:80:80/", "gopher://a/b", "http://a b/c"})
  void keepsWhatCannotBeResolvedForItsRefusal(String src) {
    assertEquals(List.of(src), urls("<img src='%s'>".formatted(src)));
  }

  @Test
  void stopsAtTheLimitsAndCounts() {
    StringBuilder page = new StringBuilder();
    for (int i = 0; i < 25; i++) {
      page.append("<img src=%d.png>".formatted(i));
    }
    PageImages images = extractor.extract(PAGE, HTML, page.toString().getBytes(UTF_8));
    assertEquals(10, images.links().size());
    assertEquals("https://site.org/dir/9.png", images.links().get(9).url());
    assertEquals(15, images.beyondLimit());
  }

  @Test
  void readsOnlyTheFirstBytesOfALongPage() {
    String page = "<img src=a.png>" + " ".repeat(1 << 20) + "<img src=b.png>";
    assertEquals(List.of("https://site.org/dir/a.png"), urls(page));
  }

  @Test
  void readsTheCharsetOfHeaderMarkAndMeta() {
    String body = "<meta charset=iso-8859-1><img src=a.png alt='Grüße'>";
    for (String type :
        List.of("text/html", "text/html; charset=ISO-8859-1", "text/html;charset=x")) {
      assertAlt("Grüße", type, body, ISO_8859_1);
    }
    assertAlt("Grüße", "text/html; charset=\"utf-8\"", body, UTF_8);
    assertAlt("Grüße", "text/html", body, UTF_16);
    assertAlt(
        "Привет",
        "text/html; charset=windows-1251",
        "<img src=a alt='Привет'>",
        Charset.forName("windows-1251"));
    assertAlt(
        "日本", "text/html; charset=Shift_JIS", "<img src=a alt='日本'>", Charset.forName("Shift_JIS"));
  }

  private void assertAlt(String alt, String contentType, String body, Charset charset) {
    assertEquals(
        Optional.of(alt),
        extractor
            .extract(PAGE, Optional.of(contentType), body.getBytes(charset))
            .links()
            .get(0)
            .altText(),
        contentType);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"<div>", "<picture>", "<table>", "<b><i>", "<svg>", "<a><img src=x srcset='"})
  void survivesDeepNesting(String tag) {
    String page = tag.repeat(20_000) + "<img src=a.png>";
    assertTimeoutPreemptively(Duration.ofSeconds(20), () -> assertTrue(urls(page).size() <= 10));
  }

  @Test
  void survivesAwkwardSrcset() {
    for (String bad :
        List.of(
            ",".repeat(50_000), "a ".repeat(20_000), "a (".repeat(20_000), "1x,".repeat(20_000))) {
      assertTimeoutPreemptively(
          Duration.ofSeconds(10), () -> urls("<img srcset='%s'>".formatted(bad)));
    }
  }
}
