package io.freshet.trainer.step;

import io.freshet.trainer.loss.HeadConfig;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.model.VisionTransformerConfig.Ffn;

/**
 * How much arithmetic a training step is: the matrix products alone, two operations for a
 * multiply-add, the backward pass counted as twice the forward pass.
 */
public final class StepCost {
  private static final int OPERATIONS = 2;
  private static final int FORWARD_AND_BACKWARD = 3;

  private StepCost() {}

  /** Expected 10^9 operations for one image: its student's and its teacher's share of a step. */
  public static double gigaflopsPerImage(TrainingConfig config) {
    VisionTransformerConfig model = config.backbone();
    CropsConfig crops = config.crops();
    double globals = TrainingBatch.GLOBAL_CROPS * forward(model, crops.globalSize());
    double locals = crops.localCount() * forward(model, crops.localSize());
    double keep = 1 - config.model().dropPath();
    double teacher = globals;
    double student = keep * (globals + locals);

    int patches = config.globalGrid() * config.globalGrid();
    var masks = config.losses().ibot().masks();
    double masked =
        TrainingBatch.GLOBAL_CROPS
            * patches
            * masks.probability()
            * (masks.minRatio() + masks.maxRatio())
            / 2;
    HeadConfig dino = config.losses().dino().head();
    HeadConfig ibot = config.losses().ibot().separateHead() ? config.losses().ibot().head() : dino;
    double dinoRow = row(model.embedDim(), dino);
    double ibotRow = row(model.embedDim(), ibot);
    teacher += TrainingBatch.GLOBAL_CROPS * dinoRow + masked * ibotRow;
    student += (TrainingBatch.GLOBAL_CROPS + crops.localCount()) * dinoRow + masked * ibotRow;
    return OPERATIONS * (teacher + FORWARD_AND_BACKWARD * student) / 1e9;
  }

  /** Expected 10^9 operations to embed one image of {@code size} pixels a side. */
  public static double gigaflopsToEmbed(VisionTransformerConfig model, int size) {
    return OPERATIONS * forward(model, size) / 1e9;
  }

  /** Multiply-adds of one crop through the backbone. */
  private static double forward(VisionTransformerConfig model, int size) {
    double width = model.embedDim();
    int grid = size / model.patchSize();
    double patches = (double) grid * grid;
    double tokens = 1 + model.registers() + patches;
    double ffn = (model.ffn() == Ffn.SWIGLU ? 3 : 2) * width * model.hiddenDim();
    double projections = 4 * width * width + ffn;
    double attention = 2 * tokens * width;
    double embedding = patches * 3 * model.patchSize() * model.patchSize() * width;
    return embedding + tokens * model.depth() * (projections + attention);
  }

  /** Multiply-adds of one token through a head. */
  private static double row(int width, HeadConfig head) {
    if (head.layers() == 1) {
      return (double) width * head.bottleneckDim() + last(head);
    }
    double hidden = head.hiddenDim();
    return width * hidden
        + (head.layers() - 2) * hidden * hidden
        + hidden * head.bottleneckDim()
        + last(head);
  }

  private static double last(HeadConfig head) {
    return (double) head.bottleneckDim() * head.prototypes();
  }
}
