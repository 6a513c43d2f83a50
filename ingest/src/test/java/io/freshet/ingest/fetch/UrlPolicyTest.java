package io.freshet.ingest.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.schemas.RejectionReason;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UrlPolicyTest {
  private final UrlPolicy policy = new UrlPolicy(Fetching.urls(List.of(80, 443), List.of()));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http://example.com/a.png | http://example.com/a.png",
        "HTTPS://EXAMPLE.COM | https://example.com/",
        "https://example.com:443/a | https://example.com/a",
        "https://example.com:80/a | https://example.com:80/a",
        "http://example.com:/a | http://example.com/a",
        "http://example.com./a | http://example.com/a",
        "http://example.com?a=b | http://example.com/?a=b",
        "http://example.com#a | http://example.com/",
        "http://bücher.de/a | http://xn--bcher-kva.de/a",
        "http://a_b.example.com/a | http://a_b.example.com/a",
        "http://example.com/a b/ü?x=<>&y=100% | http://example.com/a%20b/%C3%BC?x=%3C%3E&y=100%25",
        "http://example.com/%41%zz\\x | http://example.com/%41%25zz%5Cx",
        "http://example.com/a@b:c/;d='e' | http://example.com/a@b:c/;d='e'",
        "http://93.184.216.34/a | http://93.184.216.34/a",
        "http://[2606:4700::1111]/a | http://[2606:4700:0:0:0:0:0:1111]/a"
      })
  void bringsPublicUrlsToOneForm(String url, String form) throws Exception {
    assertEquals(form, policy.vet(url).toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a.png | URL_INVALID",
        "http:/example.com | URL_INVALID",
        "http://exa mple.com/ | URL_INVALID",
        "http://example.com:99999/ | URL_INVALID",
        "http://-example.com/ | URL_INVALID",
        "http://example..com/ | URL_INVALID",
        "http://[::g]/ | URL_INVALID",
        "file:///etc/passwd | URL_FORBIDDEN",
        "http://a:b@example.com/ | URL_FORBIDDEN",
        "http://example.com:8080/ | URL_FORBIDDEN",
        "http://intranet/ | URL_FORBIDDEN",
        "http://10.0.0.1/ | URL_FORBIDDEN",
        "http://0x7f000001/ | URL_FORBIDDEN"
      })
  void namesTheReason(String url, RejectionReason reason) {
    assertEquals(reason, assertThrows(UrlRefusedException.class, () -> policy.vet(url)).reason());
    assertEquals(Optional.empty(), policy.hostOf(url));
  }

  @Test
  void limitsTheLength() throws Exception {
    String longest = "http://example.com/" + "a".repeat(4096 - 19);
    assertEquals(longest, policy.vet(longest).toString());
    assertThrows(UrlRefusedException.class, () -> policy.vet(longest + "a"));
  }

  @Test
  void exceptionOpensItsAddressAndPortAndNothingElse() throws Exception {
    UrlPolicy open = new UrlPolicy(Fetching.urls(List.of(80), List.of("127.0.0.1:18081", "::1")));
    assertEquals("127.0.0.1", open.vet("http://127.0.0.1:18081/a").host());
    assertEquals("0:0:0:0:0:0:0:1", open.vet("http://[::1]:9/a").host());
    for (String url :
        List.of(
            "http://127.0.0.1/",
            "http://127.0.0.1:80/",
            "http://127.0.0.1:18082/",
            "http://127.0.0.2:18081/",
            "http://10.0.0.1:18081/",
            "http://93.184.216.34:18081/",
            "http://[::ffff:127.0.0.1]:18081/",
            "http://2130706433:18081/")) {
      assertThrows(UrlRefusedException.class, () -> open.vet(url), url);
    }
  }

  @Test
  void exceptionsOfNamesAreDecidedByTheirAddresses() throws Exception {
    UrlPolicy open = new UrlPolicy(Fetching.urls(List.of(80), List.of("10.1.0.0/16")));
    WebUrl url = open.vet("http://images.corp/");
    assertEquals(1, open.vetAddresses(url, List.of(Fetching.address("10.1.2.3"))).size());
    assertThrows(
        UrlRefusedException.class,
        () -> open.vetAddresses(url, List.of(Fetching.address("10.2.0.1"))));
    assertThrows(
        UrlRefusedException.class,
        () ->
            open.vetAddresses(
                url, List.of(Fetching.address("10.1.2.3"), Fetching.address("127.0.0.1"))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "localhost", "localhost:80", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1/33", "127.1",
        "10.0.0.0/8/8", "::1:80/x", "[::1]:", "[::1", "*", "10.0.0.0/-1", "http://127.0.0.1"
      })
  void refusesMisspelledExceptions(String exception) {
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class, () -> Fetching.urls(List.of(80), List.of(exception)));
    assertTrue(refusal.getMessage().length() > 10, refusal.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "b.png | http://h.org/d/b.png",
        "/b.png | http://h.org/b.png",
        "../b.png | http://h.org/b.png",
        "../../../b.png | http://h.org/b.png",
        "./x/./y/../b.png | http://h.org/d/x/b.png",
        "x/.. | http://h.org/d/",
        "x/. | http://h.org/d/x/",
        ".. | http://h.org/",
        "?q=2 | http://h.org/d/a?q=2",
        "b?x=../y | http://h.org/d/b?x=../y",
        "'' | http://h.org/d/a?q=1",
        "#f | http://h.org/d/a?q=1",
        "//o.org/b | http://o.org/b",
        "https://o.org/b | https://o.org/b",
        "mailto:x | mailto:x"
      })
  void resolvesReferences(String reference, String expected) throws Exception {
    assertEquals(expected, policy.vet("http://h.org/d/a?q=1").resolve(reference));
  }
}
