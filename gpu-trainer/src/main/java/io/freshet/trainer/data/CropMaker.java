package io.freshet.trainer.data;

import io.freshet.trainer.step.MultiCrop;
import io.freshet.vision.image.RgbImage;
import java.util.random.RandomGenerator;

/** Makes the augmented crops of an image. Thread-safe; a function of the image and the stream. */
@FunctionalInterface
public interface CropMaker {
  MultiCrop crops(RgbImage image, RandomGenerator random);
}
