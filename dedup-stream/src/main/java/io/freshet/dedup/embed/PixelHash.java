package io.freshet.dedup.embed;

import io.freshet.dedup.hash.BitCode;
import io.freshet.vision.hash.PdqHash;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.transform.PilResize;
import io.freshet.vision.transform.Resampling;
import java.util.Arrays;

/**
 * The PDQ hash of a picture at a common size, as it stands and mirrored left to right.
 *
 * <p>The hash that ingest takes is the published one, over the pixels as they are. Below some 500
 * pixels it samples them coarsely and not symmetrically, so that of squares of 96 to 160 pixels it
 * tells only 77 % of half-size and 70 % of mirrored copies, against 98 % and more at a common size
 * and mirrored before hashing (docs/adr/0004). It needs the pixels, so it is taken where they are
 * decoded anyway.
 *
 * @param upright 32 bytes
 * @param mirrored 32 bytes, of the picture mirrored left to right
 * @param quality 0..100, the lower of the two
 */
public record PixelHash(byte[] upright, byte[] mirrored, int quality) {
  /** Large enough that sampling is regular, small enough to cost a millisecond. */
  private static final int SIDE = 256;

  public PixelHash {
    if (upright.length != BitCode.BYTES || mirrored.length != BitCode.BYTES) {
      throw new IllegalArgumentException(
          "hashes of %d and %d bytes, must be %d"
              .formatted(upright.length, mirrored.length, BitCode.BYTES));
    }
  }

  public static PixelHash of(RgbImage image) {
    RgbImage common = PilResize.resize(image, SIDE, SIDE, Resampling.BILINEAR);
    PdqHash upright = PdqHash.of(common);
    PdqHash mirrored = PdqHash.of(mirror(common));
    return new PixelHash(
        upright.bits(), mirrored.bits(), Math.min(upright.quality(), mirrored.quality()));
  }

  private static RgbImage mirror(RgbImage image) {
    byte[] from = image.rgb();
    byte[] to = new byte[from.length];
    for (int pixel = 0; pixel < from.length / 3; pixel++) {
      int column = pixel % image.width();
      int mirrored = pixel - column + image.width() - 1 - column;
      System.arraycopy(from, 3 * pixel, to, 3 * mirrored, 3);
    }
    return new RgbImage(image.width(), image.height(), to);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PixelHash that
        && quality == that.quality
        && Arrays.equals(upright, that.upright)
        && Arrays.equals(mirrored, that.mirrored);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(upright) + Arrays.hashCode(mirrored);
  }
}
