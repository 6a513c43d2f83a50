package io.freshet.trainer.evaluate.dense;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.trainer.testing.Close;
import io.freshet.trainer.testing.Probes;
import io.freshet.vision.testing.Goldens;
import io.freshet.vision.testing.Npz;
import io.freshet.vision.torch.Autograd;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The original's depth metrics, linear head and losses on random maps. */
class DepthGoldenTest {
  private static final Npz DEPTH = Goldens.npz("eval", "depth.npz");
  private static final DepthRange RANGE =
      new DepthRange(DEPTH.get("min_depth").scalar(), DEPTH.get("max_depth").scalar());

  private final NDManager manager = Probes.SCRIPTS.runtime().newManager();

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void errorsEqualTheReferenceImageByImage() {
    double[] predicted = DEPTH.get("pred").doubles();
    double[] measured = DEPTH.get("gt").doubles();
    int images = Math.toIntExact(DEPTH.get("gt").dims()[0]);
    int pixels = measured.length / images;
    List<DepthErrors> all = new ArrayList<>();
    for (int image = 0; image < images; image++) {
      int from = image * pixels;
      DepthErrors errors =
          DepthErrors.of(
                  Arrays.copyOfRange(predicted, from, from + pixels),
                  Arrays.copyOfRange(measured, from, from + pixels),
                  RANGE)
              .orElseThrow();
      check("image" + image, errors);
      all.add(errors);
    }
    check("mean", DepthErrors.mean(all));
  }

  private static void check(String folder, DepthErrors errors) {
    errors
        .byName()
        .forEach(
            (name, value) ->
                Close.within(1e-9, 1e-12)
                    .check(name, DEPTH.get(folder + "/" + name).scalar(), value));
  }

  @Test
  void theLinearHeadEqualsTheOriginal() {
    List<NDArray> patches = new ArrayList<>();
    List<NDArray> cls = new ArrayList<>();
    for (int layer = 0; DEPTH.has("feat" + layer + "_cls"); layer++) {
      patches.add(tensor("feat" + layer + "_patch"));
      cls.add(tensor("feat" + layer + "_cls"));
    }
    long upsample = DEPTH.get("head_output_depth").dims()[2] / DEPTH.get("feat0_patch").dims()[2];

    NDArray depth =
        Probes.SCRIPTS
            .call(
                manager,
                GradMode.NO_GRAD,
                "depth_head",
                TorchValue.tensors(patches),
                TorchValue.tensors(cls),
                TorchValue.tensor(tensor("head_conv_weight")),
                TorchValue.tensor(tensor("head_conv_bias")),
                TorchValue.real(RANGE.min()),
                TorchValue.real(RANGE.max()),
                TorchValue.integer(upsample))
            .tensor();

    Close.within(1e-5, 1e-6).check("depth", DEPTH.get("head_output_depth").doubles(), depth);
  }

  @Test
  void theLossAndItsGradientEqualTheOriginal() {
    NDArray predicted = tensor("loss_pred");
    Autograd.requireGrad(predicted, true);
    NDArray loss =
        Probes.SCRIPTS
            .call(
                manager,
                GradMode.ENABLE_GRAD,
                "depth_loss",
                TorchValue.tensor(predicted),
                TorchValue.tensor(tensor("loss_gt")),
                TorchValue.real(RANGE.max()))
            .tensor();
    Close.within(1e-5, 0).check("loss", DEPTH.get("sigloss").doubles(), loss);
    Autograd.backward(loss);
    Close.within(1e-4, 1e-8)
        .check("gradient", DEPTH.get("sigloss_grad").doubles(), Autograd.gradient(predicted));
  }

  /** Why {@code depth_head.py} has one loss where the original adds two. */
  @Test
  void theOriginalsGradientLossIsZeroForTwoImages() {
    assertEquals(2, DEPTH.get("loss_gt").dims()[0]);
    assertEquals(0, DEPTH.get("gradientloss_w0_5").scalar());
  }

  private NDArray tensor(String name) {
    return Tensors.of(manager, DEPTH.get(name).floats(), DEPTH.get(name).dims());
  }
}
