package io.freshet.trainer.evaluate;

import io.freshet.schemas.BlobRef;
import io.freshet.vision.image.RgbImage;

/**
 * An image of an evaluation set.
 *
 * @param blob its canonical pixels
 * @param label number of its class within the set
 * @param crop resized and centre-cropped for our own models, kept in memory
 * @param thumbnail the whole image at {@link RawPixels#SIDE} pixels a side
 */
public record EvaluationImage(BlobRef blob, int label, RgbImage crop, RgbImage thumbnail) {}
