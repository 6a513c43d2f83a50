package io.freshet.trainer.step;

import io.freshet.trainer.masking.TokenMasks;
import java.util.ArrayList;
import java.util.List;

/**
 * The input of one step on the Java heap. Crops lie crop after crop: the first global crop of all
 * images, then the second of all, so that row r and row r + B show the same image. May be made on
 * any thread; immutable by convention: its arrays are handed out without a copy and must not be
 * written.
 */
public final class TrainingBatch {

  /** Each image gives two global crops; the DINO loss matches one with the other. */
  public static final int GLOBAL_CROPS = 2;

  private static final int CHANNELS = 3;

  private final int images;
  private final int localCrops;
  private final int globalSize;
  private final int localSize;
  private final float[] globals;
  private final float[] locals;
  private final TokenMasks masks;
  private final List<Integer> nonFinite;

  private TrainingBatch(
      int images,
      int localCrops,
      int globalSize,
      int localSize,
      float[] globals,
      float[] locals,
      TokenMasks masks,
      List<Integer> nonFinite) {
    this.images = images;
    this.localCrops = localCrops;
    this.globalSize = globalSize;
    this.localSize = localSize;
    this.globals = globals;
    this.locals = locals;
    this.masks = masks;
    this.nonFinite = List.copyOf(nonFinite);
  }

  /**
   * Lays out the crops of several images.
   *
   * @param globalSize side of the global crops in pixels
   * @param localSize side of the local crops in pixels
   * @param masks one for each global crop, in the order of {@link #globals}
   */
  public static TrainingBatch collate(
      List<MultiCrop> images, int globalSize, int localSize, TokenMasks masks) {
    if (images.isEmpty()) {
      throw new IllegalArgumentException("a batch needs at least one image");
    }
    int localCrops = images.get(0).locals().size();
    if (masks.crops() != GLOBAL_CROPS * images.size()) {
      throw new IllegalArgumentException(
          images.size()
              + " images need "
              + GLOBAL_CROPS * images.size()
              + " masks, not "
              + masks.crops());
    }
    int globalLength = CHANNELS * globalSize * globalSize;
    int localLength = CHANNELS * localSize * localSize;
    float[] globals = new float[GLOBAL_CROPS * images.size() * globalLength];
    float[] locals = new float[localCrops * images.size() * localLength];
    List<Integer> nonFinite = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      lay(images.get(i).globals(), GLOBAL_CROPS, i, images.size(), globalLength, globals);
      lay(images.get(i).locals(), localCrops, i, images.size(), localLength, locals);
      if (!isFinite(images.get(i).globals()) || !isFinite(images.get(i).locals())) {
        nonFinite.add(i);
      }
    }
    return new TrainingBatch(
        images.size(), localCrops, globalSize, localSize, globals, locals, masks, nonFinite);
  }

  private static boolean isFinite(List<float[]> crops) {
    for (float[] crop : crops) {
      for (float pixel : crop) {
        if (!Float.isFinite(pixel)) {
          return false;
        }
      }
    }
    return true;
  }

  private static void lay(
      List<float[]> crops, int count, int image, int images, int length, float[] target) {
    if (crops.size() != count) {
      throw new IllegalArgumentException(
          "image " + image + " has " + crops.size() + " crops where the first has " + count);
    }
    for (int crop = 0; crop < count; crop++) {
      float[] pixels = crops.get(crop);
      if (pixels.length != length) {
        throw new IllegalArgumentException(
            "a crop of image "
                + image
                + " has "
                + pixels.length
                + " values, its size needs "
                + length);
      }
      System.arraycopy(pixels, 0, target, (crop * images + image) * length, length);
    }
  }

  /** B. */
  public int images() {
    return images;
  }

  /** Local crops of each image (V). */
  public int localCrops() {
    return localCrops;
  }

  /** (2B, 3, globalSize, globalSize). */
  public float[] globals() {
    return globals;
  }

  /** (V * B, 3, localSize, localSize). */
  public float[] locals() {
    return locals;
  }

  public TokenMasks masks() {
    return masks;
  }

  /** Which images have a crop with a pixel that is NaN or infinite, by place in the batch. */
  public List<Integer> nonFiniteImages() {
    return nonFinite;
  }

  /** The same crops with nothing hidden from the student. */
  public TrainingBatch unmasked() {
    TokenMasks none = TokenMasks.of(new boolean[masks.crops()][masks.patches()]);
    return new TrainingBatch(
        images, localCrops, globalSize, localSize, globals, locals, none, nonFinite);
  }

  /** The shape of {@link #globals}. */
  public long[] globalShape() {
    return new long[] {(long) GLOBAL_CROPS * images, CHANNELS, globalSize, globalSize};
  }

  /** The shape of {@link #locals}. */
  public long[] localShape() {
    return new long[] {(long) localCrops * images, CHANNELS, localSize, localSize};
  }
}
