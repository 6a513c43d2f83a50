package io.freshet.trainer.run;

import io.freshet.trainer.data.CropMaker;
import io.freshet.trainer.step.MultiCrop;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.transform.MultiCropAugmentation;
import io.freshet.vision.transform.MultiCropConfig;
import java.util.List;
import java.util.random.RandomGenerator;

/** The recipe's augmentation; each thread has its own buffers. */
final class Augmentation implements CropMaker {
  private final ThreadLocal<MultiCropAugmentation> perThread;

  Augmentation(TrainingConfig recipe) {
    MultiCropConfig config = recipe.multiCrop();
    this.perThread = ThreadLocal.withInitial(() -> new MultiCropAugmentation(config));
  }

  @Override
  public MultiCrop crops(RgbImage image, RandomGenerator random) {
    List<float[]> crops = perThread.get().crops(image, random);
    int globals = MultiCropConfig.GLOBAL_CROPS;
    return new MultiCrop(crops.subList(0, globals), crops.subList(globals, crops.size()));
  }
}
