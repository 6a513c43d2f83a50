package io.freshet.curator.job;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.schemas.SourceUrls;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourceHostTest {
  @ParameterizedTest
  @CsvSource({
    "http://site.example/a.jpg, site.example",
    "HTTPS://Site.EXAMPLE/a.jpg, site.example",
    "http://site.example./a.jpg, site.example",
    "http://site.example, site.example",
    "http://site.example?a=1, site.example",
    "http://site.example#top, site.example",
    "http://site.example:8080/a.jpg, site.example",
    "http://site.example:/a.jpg, site.example",
    "http://user:secret@site.example:8080/a.jpg, site.example",
    "http://user@other@site.example/a.jpg, site.example",
    "http://site.example/a@b.jpg, site.example",
    "http://my_photos.site.example/a.jpg, my_photos.site.example",
    "http://site.example/a b|c.jpg, site.example",
    "http://site.example/100%.jpg, site.example",
    "http://site.example\\a.jpg, site.example",
    "http://bücher.example/a.jpg, xn--bcher-kva.example",
    "http://BÜCHER.example/a.jpg, xn--bcher-kva.example",
    "http://xn--bcher-kva.example/a.jpg, xn--bcher-kva.example",
    "http://site。example/a.jpg, site.example",
    "http://192.0.2.7:80/a.jpg, 192.0.2.7",
    "http://[2001:DB8::1]:80/a.jpg, [2001:db8::1]",
    "http://[2001:db8::1]/a.jpg, [2001:db8::1]"
  })
  void oneHostHasOneName(String url, String host) {
    assertEquals(host, SourceHost.of(new SourceUrls(url, null, null)));
  }

  @Test
  void aNameThatIsNoInternationalOneStillCounts() {
    String label = "ü".repeat(64);
    assertEquals(
        label + ".example",
        SourceHost.of(new SourceUrls("http://" + label + ".example/a.jpg", null, null)));
  }

  @ParameterizedTest
  @CsvSource({"data:image/gif;base64\\,R0lGODlhAQABAAAAACw=", "/a.jpg", "''", "mailto:a@b.example"})
  void aUrlWithoutAuthorityHasNone(String url) {
    assertEquals("", SourceHost.of(new SourceUrls(url, null, null)));
  }
}
