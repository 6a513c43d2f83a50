package io.freshet.dedup.testing;

import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.PixelHash;
import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.hash.Codes;
import io.freshet.dedup.request.Request;
import java.util.List;
import java.util.Random;

/** Images as the embedder leaves them. */
public final class Embeddings {
  public static final String SPACE = "fake@1/pixels/l2";

  private Embeddings() {}

  /** A hash like no other image's. */
  public static Embedded embedded(int number, float[] vector) {
    BitCode code = Codes.random(new Random(number));
    return new Embedded(
        request(number),
        SPACE,
        vector,
        List.of(new PixelHash(Requests.bytes(code), Requests.bytes(code), 90)));
  }

  /** The first request for image {@code number}. */
  public static Request request(int number) {
    return request(number, number);
  }

  /** A request for an image, which may be another's too. */
  public static Request request(int number, int image) {
    return Requests.request(number, Requests.imageId(image), new BitCode(new long[4]), 90);
  }
}
