package io.freshet.ingest.fetch;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which URLs may be fetched. Guards the private network of whoever runs this against URLs that
 * strangers wrote (server-side request forgery): asked for every URL and again for every redirect,
 * first for the text, then for the addresses that its host resolved to.
 *
 * <p>Thread-safe, never opens a connection or asks a name server.
 */
public final class UrlPolicy {
  private static final Pattern PARTS =
      Pattern.compile("(?<scheme>[A-Za-z][A-Za-z0-9+.-]*):(?<rest>.*)", Pattern.DOTALL);
  private static final Pattern AUTHORITY =
      Pattern.compile("//(?<authority>[^/?#\\\\]*)(?<target>.*)", Pattern.DOTALL);
  private static final Pattern HOST_AND_PORT =
      Pattern.compile("(\\[(?<v6>[^\\[\\]]*)\\]|(?<name>[^:\\[\\]]*))(:(?<port>\\d{0,8}))?");
  private static final Set<String> SPECIAL_USE =
      Set.of(
          "localhost",
          "local",
          "localdomain",
          "internal",
          "intranet",
          "lan",
          "home",
          "corp",
          "private",
          "arpa",
          "onion",
          "test",
          "invalid",
          "example",
          "alt");

  private final int maxUrlChars;
  private final AddressPolicy addresses;

  public UrlPolicy(UrlConfig config) {
    this.maxUrlChars = config.maxChars();
    this.addresses = config.addressPolicy();
  }

  /**
   * Judges the text: form, scheme, user name, port, host.
   *
   * @throws UrlRefusedException with the reason
   */
  WebUrl vet(String url) throws UrlRefusedException {
    requirePlainText(url);
    Matcher parts = PARTS.matcher(url.strip());
    if (!parts.matches()) {
      throw UrlRefusedException.invalid("no absolute URL: it has no scheme");
    }
    String scheme = parts.group("scheme").toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw UrlRefusedException.forbidden(
          "scheme '%s' is neither http nor https".formatted(scheme));
    }
    Matcher authority = AUTHORITY.matcher(parts.group("rest"));
    if (!authority.matches() || authority.group("target").startsWith("\\")) {
      throw UrlRefusedException.invalid(
          "no absolute URL: %s: is not followed by //host".formatted(scheme));
    }
    return vet(scheme, authority.group("authority"), authority.group("target"));
  }

  private WebUrl vet(String scheme, String authority, String target) throws UrlRefusedException {
    if (authority.indexOf('@') >= 0) {
      throw UrlRefusedException.forbidden("the URL carries a user name");
    }
    Matcher parts = HOST_AND_PORT.matcher(authority);
    if (!parts.matches()) {
      throw UrlRefusedException.invalid("'%s' is no host and port".formatted(authority));
    }
    int port = port(scheme, parts.group("port"));
    String host =
        parts.group("v6") != null ? v6(parts.group("v6"), port) : name(parts.group("name"), port);
    return new WebUrl(scheme, host, port, WebUrl.encodeTarget(target.split("#", 2)[0]));
  }

  private void requirePlainText(String url) throws UrlRefusedException {
    if (url.length() > maxUrlChars) {
      throw UrlRefusedException.invalid(
          "URL of %d characters, at most %d are allowed".formatted(url.length(), maxUrlChars));
    }
    for (int i = 0; i < url.length(); i++) {
      char c = url.charAt(i);
      if (c < ' ' || c == 0x7F) {
        throw UrlRefusedException.invalid("control character %d in the URL".formatted((int) c));
      }
    }
  }

  private int port(String scheme, String digits) throws UrlRefusedException {
    int port;
    if (digits == null || digits.isEmpty()) {
      port = scheme.equals("https") ? 443 : 80;
    } else {
      port = Integer.parseInt(digits);
    }
    if (port < 1 || port > 65535) {
      throw UrlRefusedException.invalid("port %d, ports are 1 to 65535".formatted(port));
    }
    if (!addresses.couldPermit(port)) {
      throw UrlRefusedException.forbidden(
          "port %d is none of %s".formatted(port, addresses.describePorts()));
    }
    return port;
  }

  private String v6(String text, int port) throws UrlRefusedException {
    byte[] address =
        IpLiteral.parseV6(text)
            .orElseThrow(
                () -> UrlRefusedException.invalid("'[%s]' is no IPv6 address".formatted(text)));
    requirePermitted(address, port);
    if (IpLiteral.toAddress(address).getAddress().length != address.length) {
      throw UrlRefusedException.forbidden("'[%s]' maps an IPv4 address".formatted(text));
    }
    return IpLiteral.toAddress(address).getHostAddress();
  }

  private String name(String text, int port) throws UrlRefusedException {
    String host = HostName.canonical(text);
    Optional<byte[]> address = IpLiteral.parseV4(host);
    if (address.isPresent()) {
      requirePermitted(address.get(), port);
      return host;
    }
    // Such names lead into the local network; with exceptions configured their address decides.
    String lastLabel = host.substring(host.lastIndexOf('.') + 1);
    if (!addresses.hasExceptions() && (lastLabel.equals(host) || SPECIAL_USE.contains(lastLabel))) {
      throw UrlRefusedException.forbidden("host '%s' is no public name".formatted(host));
    }
    return host;
  }

  private void requirePermitted(byte[] address, int port) throws UrlRefusedException {
    Optional<String> refusal = addresses.refusal(address, port);
    if (refusal.isPresent()) {
      throw UrlRefusedException.forbidden(refusal.get());
    }
  }

  /**
   * Judges where the host lies. One forbidden address forbids the name: who controls it chooses
   * which of them is used.
   *
   * @return the addresses to connect to, in the resolver's order
   */
  List<InetAddress> vetAddresses(WebUrl url, List<InetAddress> resolved)
      throws UrlRefusedException {
    List<InetAddress> vetted = new ArrayList<>(resolved.size());
    for (InetAddress address : resolved) {
      Optional<String> refusal = addresses.refusal(address.getAddress(), url.port());
      if (refusal.isPresent()) {
        throw UrlRefusedException.forbidden(
            "host '%s' resolves to a forbidden address: %s".formatted(url.host(), refusal.get()));
      }
      vetted.add(address);
    }
    return vetted;
  }

  /** The host that a request for the URL goes to first; empty when the URL is refused. */
  public Optional<String> hostOf(String url) {
    try {
      return Optional.of(vet(url).host());
    } catch (UrlRefusedException e) {
      return Optional.empty();
    }
  }
}
