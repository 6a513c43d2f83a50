package io.freshet.trainer.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.freshet.trainer.testing.Close;
import io.freshet.trainer.testing.TorchTest;
import io.freshet.vision.testing.Goldens;
import io.freshet.vision.testing.Npz;
import io.freshet.vision.torch.Autograd;
import io.freshet.vision.torch.TorchValue;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DinoLossGoldenTest extends TorchTest {

  private static final Close LOSS = Close.within(1e-5, 0);
  private static final Close PROBABILITY = Close.within(1e-5, 1e-7);
  private static final Close GRADIENT = Close.within(1e-4, 1e-6);

  static Stream<String> cases() {
    return Goldens.cases("losses", ".npz").stream().filter(name -> name.startsWith("dino_loss"));
  }

  /** The arrays of one file with their sizes. */
  private final class Case {
    final Npz npz;
    final long prototypes;
    final long teachers;
    final long students;
    final double temperature;

    Case(String name) {
      npz = Goldens.npz("losses", name + ".npz");
      prototypes = npz.get("teacher_logits").shape().get(1);
      teachers = (long) npz.get("n_teacher_crops").scalar();
      students = (long) npz.get("n_student_crops").scalar();
      temperature = npz.get("teacher_temp").scalar();
    }

    NDArray teacherCrops(NDArray rows) {
      return rows.reshape(teachers, -1, prototypes);
    }

    NDArray students(String name) {
      Npz.Array rows = npz.get(name);
      return leaf(rows, students, rows.shape().get(0) / students, prototypes);
    }

    void check(String what, NDArray student, NDArray teacher, String gradient) {
      NDArray loss =
          call(
              "dino_loss",
              TorchValue.tensor(student),
              TorchValue.tensor(teacher),
              TorchValue.real(npz.get("student_temp").scalar()));
      LOSS.check(what, npz.get(what).doubles(), loss);
      Autograd.backward(loss);
      GRADIENT.check(gradient, npz.get(gradient).doubles(), Autograd.gradient(student));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void sinkhornTargetsAndLossEqualTheReference(String name) {
    Case c = new Case(name);
    NDArray logits = tensor(c.npz.get("teacher_logits"));
    PROBABILITY.check("1 turn", c.npz.get("sinkhorn_1it").doubles(), sinkhorn(logits, c, 1));
    NDArray targets = sinkhorn(logits, c, 3);
    PROBABILITY.check("3 turns", c.npz.get("sinkhorn_3it").doubles(), targets);
    c.check(
        "loss_sinkhorn",
        c.students("student_logits"),
        c.teacherCrops(targets),
        "grad_student_sinkhorn");
    Npz.Array globals = c.npz.get("student_global_logits");
    c.check(
        "loss_global_sinkhorn",
        leaf(globals, 1, globals.shape().get(0), c.prototypes),
        targets.expandDims(0),
        "grad_student_global_sinkhorn");
  }

  private NDArray sinkhorn(NDArray logits, Case c, int turns) {
    return call(
        "sinkhorn_knopp",
        TorchValue.tensor(logits),
        TorchValue.real(c.temperature),
        TorchValue.integer(turns));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void centredTargetsUseTheBatchesBefore(String name) {
    Case c = new Case(name);
    NDArray center = manager.zeros(new Shape(1, c.prototypes));
    for (int i = 0; c.npz.has("center_call" + i + "_probs"); i++) {
      String prefix = "center_call" + i + "_";
      PROBABILITY.check("centre", c.npz.get(prefix + "center_used").doubles(), center);
      NDArray logits = tensor(c.npz.get(prefix + "teacher_logits"));
      NDArray targets =
          call(
              "softmax_center",
              TorchValue.tensor(logits),
              TorchValue.tensor(center),
              TorchValue.real(c.temperature));
      PROBABILITY.check(prefix, c.npz.get(prefix + "probs").doubles(), targets);
      c.check(
          prefix + "loss",
          c.students("student_logits"),
          c.teacherCrops(targets),
          prefix + "grad_student");
      center =
          call(
              "updated_center",
              TorchValue.tensor(logits),
              TorchValue.tensor(center),
              TorchValue.real(0.9));
    }
    PROBABILITY.check("final centre", c.npz.get("center_final").doubles(), center);
  }
}
