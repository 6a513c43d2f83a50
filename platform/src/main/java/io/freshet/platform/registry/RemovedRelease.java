package io.freshet.platform.registry;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What lies in the place of a removed release's manifest in a bucket, so that its number is not
 * given again.
 *
 * @param publication whose files are being deleted
 */
record RemovedRelease(String publication) {
  /** A manifest is larger than this, so that a list tells them apart. */
  static final int MAX_BYTES = 256;

  private static final Pattern FORM =
      Pattern.compile("\\{\"format\":1,\"removed\":\"([A-Za-z0-9._-]+)\",\"by\":\"[0-9a-f-]+\"}\n");

  /** Of two collectors' no two are the same. */
  byte[] toJson() {
    return "{\"format\":1,\"removed\":\"%s\",\"by\":\"%s\"}\n"
        .formatted(publication, UUID.randomUUID())
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** Empty when the bytes are something else, such as a manifest. */
  static Optional<RemovedRelease> read(byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      return Optional.empty();
    }
    Matcher form = FORM.matcher(new String(bytes, StandardCharsets.US_ASCII));
    return form.matches() ? Optional.of(new RemovedRelease(form.group(1))) : Optional.empty();
  }
}
