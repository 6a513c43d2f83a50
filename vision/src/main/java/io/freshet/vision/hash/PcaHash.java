package io.freshet.vision.hash;

import io.freshet.vision.image.RgbImage;
import io.freshet.vision.transform.Photometric;
import io.freshet.vision.transform.PilResize;
import io.freshet.vision.transform.Resampling;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * A hash whose bits are the signs of a picture's first principal components, as {@code
 * docs/pca-hash.md} defines it. Pictures that differ by encoding, size, brightness or contrast get
 * nearly the same bits.
 *
 * <p>Hashes of two models can't be compared: {@link #id} tells models apart. Immutable and
 * thread-safe; the same picture and model give the same bits on every machine.
 */
public final class PcaHash {
  /** Bits of the bundled model, and what {@link #train(List)} makes. */
  public static final int DEFAULT_BITS = 64;

  private static final int SIDE = 16;
  private static final int DIM = SIDE * SIDE;
  private static final int MAGIC = 0x41435046; // "FPCA", little-endian
  private static final int VERSION = 1;
  private static final int HEADER_BYTES = 16;
  private static final String BUNDLED = "pca-hash-1.bin";

  /** A picture whose luma deviates less than this, in grey levels, is flat. */
  private static final double FLAT_DEVIATION = 0.5;

  private final int bits;
  private final float[] mean;

  /** {@code bits} rows of {@code DIM}. */
  private final float[] components;

  private PcaHash(int bits, float[] mean, float[] components) {
    this.bits = bits;
    this.mean = mean;
    this.components = components;
  }

  /** The model that is shipped: trained on photographs and drawings, the same for ever. */
  public static PcaHash bundled() {
    try (InputStream in = PcaHash.class.getResourceAsStream(BUNDLED)) {
      if (in == null) {
        throw new IllegalStateException("the class path lacks " + BUNDLED);
      }
      return fromBytes(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + BUNDLED, e);
    }
  }

  /** Trains with {@link #DEFAULT_BITS}. */
  public static PcaHash train(List<RgbImage> seeds) {
    return train(seeds, DEFAULT_BITS);
  }

  /**
   * Finds the principal components of seeds. Deterministic.
   *
   * @param seeds at least one more than {@code bits}; of some thousands on, more change little
   * @param bits a multiple of 8, 8 to 256
   */
  public static PcaHash train(List<RgbImage> seeds, int bits) {
    requireBits(bits);
    if (seeds.size() <= bits) {
      throw new IllegalArgumentException(
          "%d seeds for %d bits; there must be more seeds than bits".formatted(seeds.size(), bits));
    }
    float[][] features = new float[seeds.size()][];
    double[] mean = new double[DIM];
    for (int s = 0; s < features.length; s++) {
      features[s] = features(seeds.get(s));
      for (int i = 0; i < DIM; i++) {
        mean[i] += features[s][i] / features.length;
      }
    }
    SymmetricEigen eigen = SymmetricEigen.of(covariance(features, mean));
    float[] components = new float[bits * DIM];
    for (int b = 0; b < bits; b++) {
      double sign = sign(eigen.vectors[b]);
      for (int i = 0; i < DIM; i++) {
        components[b * DIM + i] = (float) (sign * eigen.vectors[b][i]);
      }
    }
    float[] centre = new float[DIM];
    for (int i = 0; i < DIM; i++) {
      centre[i] = (float) mean[i];
    }
    return new PcaHash(bits, centre, components);
  }

  /** Bits of a hash. */
  public int bits() {
    return bits;
  }

  /** The hash: {@code bits / 8} bytes, the first component in the highest bit of the first byte. */
  public byte[] hash(RgbImage image) {
    float[] centred = features(image);
    for (int i = 0; i < DIM; i++) {
      centred[i] -= mean[i];
    }
    byte[] hash = new byte[bits / 8];
    for (int b = 0; b < bits; b++) {
      double projection = 0;
      for (int i = 0; i < DIM; i++) {
        projection += (double) components[b * DIM + i] * centred[i];
      }
      if (projection > 0) {
        hash[b >> 3] |= (byte) (0x80 >> (b & 7));
      }
    }
    return hash;
  }

  /** Number of bits that differ between two hashes of one model. */
  public static int hammingDistance(byte[] a, byte[] b) {
    if (a.length != b.length) {
      throw new IllegalArgumentException(
          "hashes of %d and %d bytes come from different models".formatted(a.length, b.length));
    }
    int distance = 0;
    for (int i = 0; i < a.length; i++) {
      distance += Integer.bitCount((a[i] ^ b[i]) & 0xff);
    }
    return distance;
  }

  /** 64 hex digits that name the model: the SHA-256 of {@link #toBytes}. */
  public String id() {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(toBytes()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The model as a file, in the layout of {@code docs/pca-hash.md}. */
  public byte[] toBytes() {
    ByteBuffer out = ByteBuffer.allocate(length(bits)).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(MAGIC).putInt(VERSION).putInt(SIDE).putInt(bits);
    for (float m : mean) {
      out.putFloat(m);
    }
    for (float c : components) {
      out.putFloat(c);
    }
    return out.array();
  }

  /**
   * @throws IllegalArgumentException when the bytes are no model of a version that is read
   */
  public static PcaHash fromBytes(byte[] model) {
    ByteBuffer in = ByteBuffer.wrap(model).order(ByteOrder.LITTLE_ENDIAN);
    if (model.length < HEADER_BYTES || in.getInt() != MAGIC) {
      throw new IllegalArgumentException("no PCA hash model: it doesn't start with FPCA");
    }
    int version = in.getInt();
    int side = in.getInt();
    int bits = in.getInt();
    if (version != VERSION || side != SIDE) {
      throw new IllegalArgumentException(
          "PCA hash model of version %d and side %d; version %d and side %d are read"
              .formatted(version, side, VERSION, SIDE));
    }
    requireBits(bits);
    if (model.length != length(bits)) {
      throw new IllegalArgumentException(
          "PCA hash model of %d bytes; with %d bits it has %d"
              .formatted(model.length, bits, length(bits)));
    }
    return new PcaHash(bits, floats(in, DIM), floats(in, bits * DIM));
  }

  private static float[] floats(ByteBuffer in, int count) {
    float[] floats = new float[count];
    for (int i = 0; i < count; i++) {
      floats[i] = in.getFloat();
      if (!Float.isFinite(floats[i])) {
        throw new IllegalArgumentException("PCA hash model with " + floats[i]);
      }
    }
    return floats;
  }

  private static int length(int bits) {
    return HEADER_BYTES + (1 + bits) * DIM * Float.BYTES;
  }

  private static void requireBits(int bits) {
    if (bits < 8 || bits > DIM || bits % 8 != 0) {
      throw new IllegalArgumentException(
          "bits must be a multiple of 8 from 8 to %d, not %d".formatted(DIM, bits));
    }
  }

  /** 16 x 16 luma, its mean subtracted, its length 1; all zero for a flat picture. */
  private static float[] features(RgbImage image) {
    byte[] grey = Photometric.luma(image);
    byte[] small =
        PilResize.resizeGrey(grey, image.width(), image.height(), SIDE, SIDE, Resampling.BILINEAR);
    double mean = 0;
    for (byte sample : small) {
      mean += (sample & 0xff) / (double) DIM;
    }
    double squares = 0;
    for (byte sample : small) {
      squares += ((sample & 0xff) - mean) * ((sample & 0xff) - mean);
    }
    float[] features = new float[DIM];
    if (squares >= FLAT_DEVIATION * FLAT_DEVIATION * DIM) {
      double norm = Math.sqrt(squares);
      for (int i = 0; i < DIM; i++) {
        features[i] = (float) (((small[i] & 0xff) - mean) / norm);
      }
    }
    return features;
  }

  private static double[][] covariance(float[][] features, double[] mean) {
    double[][] covariance = new double[DIM][DIM];
    double[] centred = new double[DIM];
    for (float[] feature : features) {
      for (int i = 0; i < DIM; i++) {
        centred[i] = feature[i] - mean[i];
      }
      for (int i = 0; i < DIM; i++) {
        double[] row = covariance[i];
        double left = centred[i];
        for (int j = 0; j < DIM; j++) {
          row[j] += left * centred[j];
        }
      }
    }
    for (double[] row : covariance) {
      for (int j = 0; j < DIM; j++) {
        row[j] /= features.length;
      }
    }
    return covariance;
  }

  /** An eigenvector's sign is free: its largest element is made positive. */
  private static double sign(double[] vector) {
    int largest = 0;
    for (int i = 1; i < DIM; i++) {
      if (Math.abs(vector[i]) > Math.abs(vector[largest])) {
        largest = i;
      }
    }
    return vector[largest] < 0 ? -1 : 1;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PcaHash that
        && bits == that.bits
        && Arrays.equals(mean, that.mean)
        && Arrays.equals(components, that.components);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(components);
  }
}
