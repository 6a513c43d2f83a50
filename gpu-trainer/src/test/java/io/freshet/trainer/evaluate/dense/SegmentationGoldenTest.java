package io.freshet.trainer.evaluate.dense;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.trainer.evaluate.ConfusionMatrix;
import io.freshet.trainer.testing.Close;
import io.freshet.trainer.testing.Probes;
import io.freshet.vision.testing.Goldens;
import io.freshet.vision.testing.Npz;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchValue;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Intersection over union by mmsegmentation's conventions, and how logits are enlarged. */
class SegmentationGoldenTest {
  private static final Npz MIOU = Goldens.npz("eval", "miou.npz");

  private static ConfusionMatrix confusion() {
    int[] predicted = MIOU.get("preds").ints();
    int[] labels = MIOU.get("gts").ints();
    int ignored = (int) MIOU.get("ignore_index").scalar();
    ConfusionMatrix confusion = new ConfusionMatrix((int) MIOU.get("num_classes").scalar());
    for (int pixel = 0; pixel < labels.length; pixel++) {
      if (labels[pixel] != ignored) {
        confusion.add(labels[pixel], predicted[pixel]);
      }
    }
    return confusion;
  }

  @Test
  void areasEqualTheReference() {
    ConfusionMatrix confusion = confusion();
    IntStream classes = IntStream.range(0, confusion.classes());
    long[] intersections = areas("area_intersect");
    long[] predicted = areas("area_pred");
    long[] labelled = areas("area_label");
    classes.forEach(
        k -> {
          assertEquals(intersections[k], confusion.count(k, k));
          assertEquals(predicted[k], confusion.predicted(k));
          assertEquals(labelled[k], confusion.labelled(k));
        });
  }

  private static long[] areas(String name) {
    return Arrays.stream(MIOU.get(name).doubles()).mapToLong(area -> (long) area).toArray();
  }

  @Test
  void scoresEqualTheReference() {
    ConfusionMatrix confusion = confusion();
    assertArrayEquals(
        MIOU.get("iou").doubles(),
        IntStream.range(0, confusion.classes()).mapToDouble(confusion::iou).toArray(),
        1e-12);
    assertArrayEquals(
        MIOU.get("acc").doubles(),
        IntStream.range(0, confusion.classes()).mapToDouble(confusion::accuracy).toArray(),
        1e-12);
    assertEquals(MIOU.get("miou").scalar(), confusion.meanIou(), 1e-12);
    assertEquals(MIOU.get("macc").scalar(), confusion.meanAccuracy(), 1e-12);
    assertEquals(MIOU.get("aacc").scalar(), confusion.accuracy(), 1e-12);
  }

  @Test
  void logitsAreEnlargedAsTheReferenceDoes() {
    Npz.Array small = MIOU.get("lowres_logits");
    Npz.Array large = MIOU.get("upsampled_logits");
    try (NDManager manager = Probes.SCRIPTS.runtime().newManager()) {
      NDArray enlarged =
          Probes.SCRIPTS
              .call(
                  manager,
                  GradMode.NO_GRAD,
                  "enlarged_logits",
                  TorchValue.tensor(Tensors.of(manager, small.floats(), small.dims())),
                  TorchValue.integer(large.dims()[2]),
                  TorchValue.integer(large.dims()[3]))
              .tensor();
      Close.within(1e-5, 1e-5).check("logits", large.doubles(), enlarged);
      assertArrayEquals(MIOU.get("upsampled_argmax").longs(), enlarged.argMax(1).toLongArray());
    }
  }
}
