package io.freshet.vision.hash;

import io.freshet.vision.image.RgbImage;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The 256-bit PDQ hash of a picture ("The TMK+PDQF Video-Hashing Algorithm and the PDQ
 * Image-Hashing Algorithm", Facebook 2019), bit for bit the published implementation's for the same
 * pixels. Two pictures are taken for the same at a Hamming distance of 31 or less.
 *
 * @param bits 32 bytes, in the order in which the hash is written in hex
 * @param quality 0 to 100, how much structure the picture has; a hash of 49 or less says nothing
 */
@SuppressWarnings("ArrayRecordComponent") // equality is by content, below
public record PdqHash(byte[] bits, int quality) {
  /** Bytes of a hash. */
  public static final int BYTES = 32;

  /** Hashes of this quality or less are not compared. */
  public static final int USELESS_QUALITY = 49;

  /** The published threshold: a match is a distance of this or less. */
  public static final int MATCH_DISTANCE = 31;

  public PdqHash {
    if (bits.length != BYTES) {
      throw new IllegalArgumentException("a PDQ hash has 32 bytes, not " + bits.length);
    }
    if (quality < 0 || quality > 100) {
      throw new IllegalArgumentException("PDQ quality is 0 to 100, not " + quality);
    }
  }

  /** The hash of a picture as it stands. */
  public static PdqHash of(RgbImage image) {
    PdqSpectrum spectrum = PdqSpectrum.of(image);
    return new PdqHash(spectrum.hash(PdqSpectrum.Turn.NONE), spectrum.quality());
  }

  /**
   * The hashes of the picture and its seven turns and mirrorings, from one pass over the pixels: as
   * it stands, rotated by 90, 180 and 270 degrees, mirrored top to bottom, mirrored left to right,
   * and along the two diagonals.
   */
  public static PdqHash[] dihedral(RgbImage image) {
    PdqSpectrum spectrum = PdqSpectrum.of(image);
    return Arrays.stream(PdqSpectrum.Turn.values())
        .map(turn -> new PdqHash(spectrum.hash(turn), spectrum.quality()))
        .toArray(PdqHash[]::new);
  }

  /** Reads 64 hex digits. */
  public static PdqHash parse(String hex, int quality) {
    return new PdqHash(HexFormat.of().parseHex(hex), quality);
  }

  /** Number of bits that differ, 0 to 256. */
  public int hammingDistance(PdqHash other) {
    int distance = 0;
    for (int i = 0; i < BYTES; i++) {
      distance += Integer.bitCount((bits[i] ^ other.bits[i]) & 0xff);
    }
    return distance;
  }

  /** 64 hex digits. */
  public String hex() {
    return HexFormat.of().formatHex(bits);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PdqHash that
        && quality == that.quality
        && Arrays.equals(bits, that.bits);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(bits) + quality;
  }

  @Override
  public String toString() {
    return "PdqHash[" + hex() + ", quality " + quality + "]";
  }
}
