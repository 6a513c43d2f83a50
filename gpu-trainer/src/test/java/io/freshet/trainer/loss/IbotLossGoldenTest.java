package io.freshet.trainer.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.freshet.trainer.masking.TokenMasks;
import io.freshet.trainer.testing.Close;
import io.freshet.trainer.testing.TorchTest;
import io.freshet.vision.testing.Goldens;
import io.freshet.vision.testing.Npz;
import io.freshet.vision.torch.Autograd;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchValue;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class IbotLossGoldenTest extends TorchTest {

  private static final double STUDENT_TEMPERATURE = 0.1;
  private static final Close LOSS = Close.within(1e-5, 0);
  private static final Close PROBABILITY = Close.within(1e-5, 1e-7);
  private static final Close GRADIENT = Close.within(1e-4, 1e-6);

  static Stream<String> cases() {
    return Goldens.cases("losses", ".npz").stream().filter(name -> name.startsWith("ibot_loss"));
  }

  private static TokenMasks masks(Npz npz) {
    Npz.Array array = npz.get("masks");
    int patches = array.shape().get(1).intValue();
    boolean[] flat = array.booleans();
    boolean[][] masks = new boolean[array.shape().get(0).intValue()][];
    for (int crop = 0; crop < masks.length; crop++) {
      masks[crop] = Arrays.copyOfRange(flat, crop * patches, (crop + 1) * patches);
    }
    return TokenMasks.of(masks);
  }

  private NDArray loss(NDArray student, NDArray teacher, float[] weights, int crops) {
    return call(
        "ibot_loss",
        TorchValue.tensor(student),
        TorchValue.tensor(teacher),
        TorchValue.tensor(Tensors.of(manager, weights, weights.length)),
        TorchValue.integer(crops),
        TorchValue.real(STUDENT_TEMPERATURE));
  }

  private NDArray sinkhorn(Npz npz) {
    return call(
        "sinkhorn_knopp",
        TorchValue.tensor(tensor(npz.get("teacher_logits"))),
        TorchValue.real(npz.get("teacher_temp").scalar()),
        TorchValue.integer(3));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void sinkhornOverMaskedPatchesEqualsTheReference(String name) {
    Npz npz = Goldens.npz("losses", name + ".npz");
    PROBABILITY.check("3 turns", npz.get("sinkhorn_3it").doubles(), sinkhorn(npz));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void maskedLossEqualsTheReference(String name) {
    Npz npz = Goldens.npz("losses", name + ".npz");
    TokenMasks masks = masks(npz);
    assertArrayEquals(npz.get("mask_indices_list").longs(), masks.indices());
    assertArrayEquals(npz.get("masks_weight").floats(), masks.weights());
    for (String variant : new String[] {"given", "none"}) {
      String prefix = "forward_masked_weights_" + variant;
      NDArray student = leaf(npz.get("student_logits"));
      NDArray loss = loss(student, sinkhorn(npz), masks.weights(), masks.crops());
      LOSS.check(prefix, npz.get(prefix + "_loss").doubles(), loss);
      Autograd.backward(loss);
      GRADIENT.check(
          prefix, npz.get(prefix + "_grad_student").doubles(), Autograd.gradient(student));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void denseLossIsTheMaskedLossOfItsMaskedPatches(String name) {
    Npz npz = Goldens.npz("losses", name + ".npz");
    TokenMasks masks = masks(npz);
    long prototypes = npz.get("dense_teacher_probs").shape().get(2);
    NDArray rows = Tensors.of(manager, masks.indices(), masks.indices().length);
    NDArray student = leaf(npz.get("dense_student_logits"), masks.masked().length, prototypes);
    NDArray teacher = tensor(npz.get("dense_teacher_probs"), masks.masked().length, prototypes);
    NDArray loss =
        call(
            "ibot_loss_of_rows",
            TorchValue.tensor(student),
            TorchValue.tensor(teacher),
            TorchValue.tensor(rows),
            TorchValue.tensor(Tensors.of(manager, masks.weights(), masks.weights().length)),
            TorchValue.integer(masks.crops()),
            TorchValue.real(STUDENT_TEMPERATURE));
    LOSS.check("dense", npz.get("dense_loss").doubles(), loss);
    Autograd.backward(loss);
    GRADIENT.check("dense", npz.get("dense_grad_student").doubles(), Autograd.gradient(student));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void centredTargetsUseTheBatchesBefore(String name) {
    Npz npz = Goldens.npz("losses", name + ".npz");
    NDArray center = manager.zeros(new Shape(1, npz.get("teacher_logits").shape().get(1)));
    for (int i = 0; npz.has("center_call" + i + "_probs"); i++) {
      String prefix = "center_call" + i + "_";
      PROBABILITY.check("centre", npz.get(prefix + "center_used").doubles(), center);
      NDArray logits = tensor(npz.get(prefix + "teacher_logits"));
      NDArray targets =
          call(
              "softmax_center",
              TorchValue.tensor(logits),
              TorchValue.tensor(center),
              TorchValue.real(npz.get("teacher_temp").scalar()));
      PROBABILITY.check(prefix, npz.get(prefix + "probs").doubles(), targets);
      center =
          call(
              "updated_center",
              TorchValue.tensor(logits),
              TorchValue.tensor(center),
              TorchValue.real(0.9));
    }
    PROBABILITY.check("final centre", npz.get("center_final").doubles(), center);
  }
}
