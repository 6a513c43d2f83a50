package io.freshet.ingest.intake;

import java.time.Instant;

/**
 * A request and the bytes that came for it.
 *
 * @param body as it came, maybe no image; nobody writes to it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record FetchedImage(ImageRequest request, byte[] body, Instant fetchedAt) {}
