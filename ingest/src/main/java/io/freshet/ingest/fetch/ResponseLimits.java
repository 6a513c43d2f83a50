package io.freshet.ingest.fetch;

import io.freshet.platform.config.DataSize;
import java.io.Serializable;

/**
 * How much a server may send.
 *
 * @param maxBody bytes of the body, on the wire and again after its content encoding is undone
 * @param maxHeaders header lines
 * @param maxHeaderLine bytes of one header line or the status line
 */
public record ResponseLimits(DataSize maxBody, int maxHeaders, DataSize maxHeaderLine)
    implements Serializable {
  public ResponseLimits {
    if (maxBody.bytes() < 1 || maxBody.bytes() > 1L << 30) {
      throw new IllegalArgumentException(
          "ingest.fetch.response.max_body is %d B, must be 1 B to 1 GiB"
              .formatted(maxBody.bytes()));
    }
    if (maxHeaders < 8 || maxHeaders > 10_000) {
      throw new IllegalArgumentException(
          "ingest.fetch.response.max_headers is %d, must be 8 to 10000".formatted(maxHeaders));
    }
    if (maxHeaderLine.bytes() < 256 || maxHeaderLine.bytes() > 1 << 20) {
      throw new IllegalArgumentException(
          "ingest.fetch.response.max_header_line is %d B, must be 256 B to 1 MiB"
              .formatted(maxHeaderLine.bytes()));
    }
  }
}
