package io.freshet.trainer.evaluate.dense;

import io.freshet.trainer.evaluate.dense.SlidingWindows.Place;
import io.freshet.trainer.evaluate.model.BackboneModel;
import io.freshet.trainer.evaluate.model.PatchTokens;
import io.freshet.trainer.evaluate.model.TokenBlocks;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.model.Preprocessing;
import io.freshet.vision.transform.Crop;
import io.freshet.vision.transform.HorizontalFlip;
import io.freshet.vision.transform.PilResize;
import io.freshet.vision.transform.Resampling;
import java.util.ArrayList;
import java.util.List;

/**
 * Segments an image at several scales, each also mirrored, and averages the probabilities: the
 * test-time augmentation of DINOv2's "+ms" numbers (mmsegmentation's {@code MultiScaleFlipAug} with
 * {@code slide} inference). Where windows overlap, their logits are averaged. One thread at a time.
 */
public final class MultiScaleSegmentation {
  /** Windows embedded at once. */
  private static final int BATCH = 8;

  private final BackboneModel model;
  private final SegmentationProbe head;
  private final TokenBlocks blocks;
  private final ImageScales scales;

  /**
   * @param model stays the caller's, as does the head
   * @param blocks what the head was trained on
   */
  public MultiScaleSegmentation(
      BackboneModel model, SegmentationProbe head, TokenBlocks blocks, ImageScales scales) {
    this.model = model;
    this.head = head;
    this.blocks = blocks;
    this.scales = scales;
  }

  /** The part of an image that the model's crop shows, at each scale. */
  public List<RgbImage> views(RgbImage image) {
    return scales.factors().stream().map(factor -> view(image, windows(factor).side())).toList();
  }

  private RgbImage view(RgbImage image, int side) {
    Preprocessing usual = model.preprocessing();
    int resize = (int) Math.round((double) usual.resize() * side / usual.imageSize());
    return new Preprocessing(Math.max(side, resize), side, usual.mean(), usual.std())
        .transform()
        .pixels(image);
  }

  private SlidingWindows windows(double factor) {
    return ImageScales.windows(factor, model.preprocessing().imageSize(), model.patchSize());
  }

  /**
   * The probability of each class at each pixel of the crop, (classes, side, side).
   *
   * @param views of {@link #views}
   */
  public float[] shares(List<RgbImage> views) {
    int side = model.preprocessing().imageSize();
    float[] sum = new float[head.classes() * side * side];
    for (int i = 0; i < views.size(); i++) {
      SlidingWindows windows = windows(scales.factors().get(i));
      add(sum, slid(views.get(i), windows), side, false);
      add(sum, slid(HorizontalFlip.of(views.get(i)), windows), side, true);
    }
    for (int i = 0; i < sum.length; i++) {
      sum[i] /= 2 * views.size();
    }
    return sum;
  }

  private float[] slid(RgbImage view, SlidingWindows windows) {
    List<Place> places = windows.places();
    List<float[]> logits = new ArrayList<>();
    for (int from = 0; from < places.size(); from += BATCH) {
      List<RgbImage> crops =
          places.subList(from, Math.min(from + BATCH, places.size())).stream()
              .map(place -> window(view, place, windows.window()))
              .toList();
      List<List<PatchTokens>> tokens = model.patchTokens(crops, blocks);
      logits.add(head.logits(tokens));
    }
    return head.slidingShares(
        logits, windows, windows.window() / model.patchSize(), model.preprocessing().imageSize());
  }

  /** At the same size, so that nothing is resampled. */
  private static RgbImage window(RgbImage view, Place place, int side) {
    return PilResize.resizedCrop(
        view, new Crop(place.top(), place.left(), side, side), side, side, Resampling.BICUBIC);
  }

  /** Adds probabilities, mirrored back if need be. */
  private static void add(float[] sum, float[] shares, int side, boolean mirrored) {
    for (int i = 0; i < sum.length; i++) {
      int column = i % side;
      sum[i] += shares[mirrored ? i - column + side - 1 - column : i];
    }
  }
}
