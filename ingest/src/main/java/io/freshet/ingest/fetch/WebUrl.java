package io.freshet.ingest.fetch;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Pattern;

/**
 * An http or https URL taken apart once. The policy judges these parts and the request is built
 * from these parts, so no second parser can read the text another way.
 *
 * @param scheme {@code http} or {@code https}
 * @param host lower-case ASCII name without trailing dot, or a canonical address without brackets
 * @param port 1..65535
 * @param target path and query as sent, only characters that RFC 3986 allows, starting with a slash
 */
public record WebUrl(String scheme, String host, int port, String target) {
  private static final String UNRESERVED_AND_DELIMITERS = "-._~!$&'()*+,;=:@/?";
  private static final Pattern SCHEME =
      Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:.*", Pattern.DOTALL);

  /** Whether nothing between client and server can be read or altered by others. */
  public boolean isSecure() {
    return scheme.equals("https");
  }

  public boolean hasDefaultPort() {
    return port == (isSecure() ? 443 : 80);
  }

  /** The host as it stands in a URL: an IPv6 address in brackets. */
  public String bracketedHost() {
    return host.indexOf(':') < 0 ? host : "[" + host + "]";
  }

  @Override
  public String toString() {
    return scheme + "://" + authority() + target;
  }

  private String authority() {
    return bracketedHost() + (hasDefaultPort() ? "" : ":" + port);
  }

  /** Absolute text of a reference (RFC 3986, 5.2) found in a response of this URL; not vetted. */
  public String resolve(String reference) {
    String text = reference.strip();
    int fragment = text.indexOf('#');
    String plain = fragment < 0 ? text : text.substring(0, fragment);
    if (SCHEME.matcher(plain).matches()) {
      return plain;
    }
    if (plain.startsWith("//")) {
      return scheme + ":" + plain;
    }
    return scheme + "://" + authority() + resolveTarget(plain);
  }

  private String resolveTarget(String reference) {
    String basePath = target.split("\\?", 2)[0];
    if (reference.isEmpty()) {
      return target;
    }
    if (reference.startsWith("?")) {
      return basePath + reference;
    }
    int query = reference.indexOf('?');
    String path = query < 0 ? reference : reference.substring(0, query);
    String tail = query < 0 ? "" : reference.substring(query);
    String directory = basePath.substring(0, basePath.lastIndexOf('/') + 1);
    return withoutDots(path.startsWith("/") ? path : directory + path) + tail;
  }

  private static String withoutDots(String path) {
    Deque<String> kept = new ArrayDeque<>();
    String[] segments = path.substring(1).split("/", -1);
    for (int i = 0; i < segments.length; i++) {
      boolean last = i == segments.length - 1;
      switch (segments[i]) {
        case "." -> {
          if (last) {
            kept.addLast("");
          }
        }
        case ".." -> {
          kept.pollLast();
          if (last) {
            kept.addLast("");
          }
        }
        default -> kept.addLast(segments[i]);
      }
    }
    return "/" + String.join("/", kept);
  }

  /** {@code pathAndQuery} with everything that may not stand there percent-encoded as UTF-8. */
  static String encodeTarget(String pathAndQuery) {
    StringBuilder encoded = new StringBuilder(pathAndQuery.length() + 16);
    if (!pathAndQuery.startsWith("/")) {
      encoded.append('/');
    }
    byte[] bytes = pathAndQuery.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      char c = (char) (bytes[i] & 0xFF);
      if (isPlain(c) || (c == '%' && isHex(bytes, i + 1) && isHex(bytes, i + 2))) {
        encoded.append(c);
      } else {
        encoded.append('%').append(hexDigit(c >> 4)).append(hexDigit(c & 15));
      }
    }
    return encoded.toString();
  }

  private static boolean isPlain(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || (c < 0x80 && UNRESERVED_AND_DELIMITERS.indexOf(c) >= 0);
  }

  private static boolean isHex(byte[] bytes, int index) {
    return index < bytes.length && Character.digit((char) (bytes[index] & 0xFF), 16) >= 0;
  }

  private static char hexDigit(int value) {
    return Character.toUpperCase(Character.forDigit(value, 16));
  }
}
