package io.freshet.dedup.screen;

import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.hash.HashIndex;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.state.ImageIds;
import io.freshet.dedup.state.Table;
import io.freshet.schemas.DuplicateMethod;
import java.util.Optional;

/**
 * Tells copies by identity and by perceptual hash, in the order of arrival.
 *
 * <p>An image counts as seen from the moment it passes here, before anything is known of its
 * outcome. So of two copies in flight at the same time the later always refers to the earlier, and
 * neither waits nor pays for an embedding that it does not need. Whatever it refers to passed here
 * before it. Owner: one thread.
 */
public final class Screening {
  private final Table<String, Boolean> seen;
  private final ImageIds imageIds;
  private final HashIndex hashes;
  private final int minQuality;

  /**
   * @param seen image_ids that passed
   * @param imageIds images whose hash is stored
   * @param hashes hashes of all images that passed with enough quality
   * @param minQuality a hash of less quality (0..100) is neither looked up nor stored
   */
  public Screening(
      Table<String, Boolean> seen, ImageIds imageIds, HashIndex hashes, int minQuality) {
    this.seen = seen;
    this.imageIds = imageIds;
    this.hashes = hashes;
    this.minQuality = minQuality;
  }

  public Screened screen(Request request) {
    String imageId = request.imageId();
    if (seen.get(imageId).isPresent()) {
      return new Screened.Copy(request, imageId, DuplicateMethod.EXACT, 1);
    }
    seen.put(imageId, true);
    if (request.image().getPdqQuality() < minQuality) {
      return new Screened.Fresh(request);
    }
    BitCode code = BitCode.of(request.image().getPdq().bytes());
    Optional<HashIndex.Match> nearest = hashes.nearest(code);
    hashes.add(imageIds.add(imageId), code);
    return nearest
        .<Screened>map(match -> hashCopy(request, match))
        .orElseGet(() -> new Screened.Fresh(request));
  }

  private Screened hashCopy(Request request, HashIndex.Match match) {
    String of = imageIds.get(match.ordinal());
    return new Screened.Copy(request, of, DuplicateMethod.HASH, match.distance());
  }
}
