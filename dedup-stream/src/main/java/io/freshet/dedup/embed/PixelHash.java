package io.freshet.dedup.embed;

import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.hash.Dihedral;
import io.freshet.vision.hash.PdqHash;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.transform.Crop;
import io.freshet.vision.transform.HorizontalFlip;
import io.freshet.vision.transform.PilResize;
import io.freshet.vision.transform.PlainBorder;
import io.freshet.vision.transform.Resampling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The PDQ hash of a picture, or of a part of one, at a common size, as it stands and mirrored left
 * to right.
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

  /**
   * Of a picture, and of what lies inside its plain border, if it has one: a copy that was padded,
   * letterboxed or shown in a window has its original there.
   */
  public static List<PixelHash> all(RgbImage image) {
    List<PixelHash> hashes = new ArrayList<>();
    hashes.add(of(image, Crop.whole(image.width(), image.height())));
    PlainBorder.inside(image).ifPresent(inside -> hashes.add(of(image, inside)));
    return hashes;
  }

  private static PixelHash of(RgbImage image, Crop crop) {
    RgbImage common = PilResize.resizedCrop(image, crop, SIDE, SIDE, Resampling.BILINEAR);
    PdqHash upright = PdqHash.of(common);
    PdqHash mirrored = PdqHash.of(HorizontalFlip.of(common));
    return new PixelHash(
        upright.bits(), mirrored.bits(), Math.min(upright.quality(), mirrored.quality()));
  }

  /**
   * What is compared of an image: its hashes as they stand and mirrored.
   *
   * @param minQuality those of less quality (0..100) say too little
   */
  public static List<BitCode> codes(List<PixelHash> hashes, int minQuality) {
    return hashes.stream()
        .filter(hash -> hash.quality >= minQuality)
        .flatMap(hash -> Stream.of(hash.upright, hash.mirrored))
        .map(BitCode::of)
        .toList();
  }

  /**
   * The least distance between the hashes of two images under the eight symmetries, as the hash
   * index compares them.
   *
   * @return bits; 256 where all of one are of less quality
   */
  public static int distance(List<PixelHash> a, List<PixelHash> b, int minQuality) {
    List<BitCode> others = codes(b, minQuality);
    int least = BitCode.BITS;
    for (BitCode code : codes(a, minQuality)) {
      for (BitCode other : others) {
        least = Math.min(least, Dihedral.distance(code, other));
      }
    }
    return least;
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
