package io.freshet.vision.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TorchScriptLibraryTest {

  private static final ScriptSource AFFINE =
      new ScriptSource(
          "affine.py",
          """
          # y = a x + b, named parameters from two dictionaries
          def affine(self, x: Tensor, p: Dict[str, Tensor], t: Dict[str, Tensor], scale: float, times: int, negate: bool) -> Tensor:
            y = x
            for i in range(times):
              y = self.step(y, p, t)
            y = y * scale
            if negate:
              y = -y
            return y.sum()
          """);
  private static final ScriptSource STEP =
      new ScriptSource(
          "step.py",
          """
          def step(self, x: Tensor, p: Dict[str, Tensor], t: Dict[str, Tensor]) -> Tensor:
            return x * p["layer.weight"] + t["layer.bias"]

          def parts(self, xs: List[Tensor], sizes: List[int]) -> Tuple[List[Tensor], float]:
            whole = torch.cat(xs, 0)
            return torch.split(whole, sizes, 0), float(len(xs))

          def named(self, x: Tensor) -> Dict[str, Tensor]:
            return {"twice": x + x, "square": x.square()}

          def ema_(self, t: Tensor, s: Tensor, momentum: float) -> None:
            t.mul_(momentum).add_(s, alpha=1.0 - momentum)

          def requires_grad(self, x: Tensor) -> bool:
            return x.requires_grad

          def fails(self, x: Tensor) -> Tensor:
            assert x.size(0) == 7, "seven rows wanted"
            return x
          """);

  private static TorchScriptLibrary library;
  private static NDManager manager;

  @BeforeAll
  static void load() {
    TorchRuntime runtime = TorchRuntime.start();
    library = TorchScriptLibrary.load(runtime, List.of(AFFINE, STEP));
    manager = runtime.newManager();
  }

  @AfterAll
  static void close() {
    manager.close();
    library.close();
  }

  private static TorchValue[] affineArguments(NDArray x, NDArray weight, NDArray bias) {
    return new TorchValue[] {
      TorchValue.tensor(x),
      TorchValue.dict(Map.of("layer.weight", weight)),
      TorchValue.dict(Map.of("layer.bias", bias)),
      TorchValue.real(0.5),
      TorchValue.integer(2),
      TorchValue.flag(true)
    };
  }

  private static boolean requiresGrad(NDManager step, NDArray tensor) {
    return library
        .call(step, GradMode.NO_GRAD, "requires_grad", TorchValue.tensor(tensor))
        .equals(TorchValue.flag(true));
  }

  @Test
  void gradientsFlowThroughDictionariesNumbersAndFlags() {
    try (NDManager step = manager.newSubManager()) {
      NDArray x = Tensors.of(step, new float[] {1, 2, 3}, 3);
      NDArray weight = Tensors.of(step, new float[] {2, 2, 2}, 3);
      NDArray bias = Tensors.of(step, new float[] {1, 1, 1}, 3);
      Autograd.requireGrad(weight, true);
      NDArray loss =
          library
              .call(step, GradMode.ENABLE_GRAD, "affine", affineArguments(x, weight, bias))
              .tensor();
      assertEquals(-0.5f * (4 + 8 + 12 + 9), loss.getFloat(), 1e-6f);
      Autograd.backward(loss);
      // d/dw of w(wx + b) + b = 2wx + b
      assertArrayEquals(
          new float[] {-2.5f, -4.5f, -6.5f}, Autograd.gradient(weight).toFloatArray(), 1e-6f);
      Autograd.zeroGrad(weight);
      assertArrayEquals(new float[3], Autograd.gradient(weight).toFloatArray());
    }
  }

  @Test
  void resultsWithoutGradMayEnterALaterGraphButInferenceResultsMayNot() {
    try (NDManager step = manager.newSubManager()) {
      NDArray x = Tensors.of(step, new float[] {1, 2, 3}, 3);
      NDArray weight = Tensors.of(step, new float[] {2, 2, 2}, 3);
      Autograd.requireGrad(weight, true);
      NDArray target =
          library
              .call(step, GradMode.NO_GRAD, "named", TorchValue.tensor(weight))
              .dict()
              .get("twice");
      assertFalse(requiresGrad(step, target));
      NDArray loss =
          library
              .call(step, GradMode.ENABLE_GRAD, "affine", affineArguments(target, weight, x))
              .tensor();
      Autograd.backward(loss);

      NDArray inference =
          library
              .call(step, GradMode.INFERENCE_MODE, "named", TorchValue.tensor(weight))
              .dict()
              .get("twice");
      assertThrows(
          TorchRuntimeException.class,
          () ->
              library.call(
                  step, GradMode.ENABLE_GRAD, "affine", affineArguments(inference, weight, x)));
    }
  }

  @Test
  void gradModeIsTheSameOnEveryThread() throws Exception {
    boolean[] recorded = new boolean[2];
    Thread thread =
        new Thread(
            () -> {
              try (NDManager step = manager.newSubManager()) {
                NDArray w = Tensors.of(step, new float[] {1}, 1);
                Autograd.requireGrad(w, true);
                recorded[0] =
                    requiresGrad(
                        step,
                        library
                            .call(step, GradMode.NO_GRAD, "named", TorchValue.tensor(w))
                            .dict()
                            .get("twice"));
                recorded[1] =
                    requiresGrad(
                        step,
                        library
                            .call(step, GradMode.ENABLE_GRAD, "named", TorchValue.tensor(w))
                            .dict()
                            .get("twice"));
              }
            });
    thread.start();
    thread.join();
    assertFalse(recorded[0]);
    assertTrue(recorded[1]);
  }

  @Test
  void listsAndTuplesGoBothWays() {
    try (NDManager step = manager.newSubManager()) {
      NDArray a = Tensors.of(step, new float[] {1, 2}, 2);
      NDArray b = Tensors.of(step, new float[] {3}, 1);
      TorchValue result =
          library.call(
              step,
              GradMode.NO_GRAD,
              "parts",
              TorchValue.tensors(List.of(a, b)),
              TorchValue.integers(1, 2));
      List<NDArray> parts = result.items().get(0).tensors();
      assertArrayEquals(new float[] {1}, parts.get(0).toFloatArray());
      assertArrayEquals(new float[] {2, 3}, parts.get(1).toFloatArray());
      assertEquals(2.0, result.items().get(1).real());
    }
  }

  @Test
  void updatesALeafInPlaceWithoutGrad() {
    try (NDManager step = manager.newSubManager()) {
      NDArray teacher = Tensors.of(step, new float[] {1, 1}, 2);
      NDArray student = Tensors.of(step, new float[] {3, 5}, 2);
      Autograd.requireGrad(student, true);
      library.call(
          step,
          GradMode.NO_GRAD,
          "ema_",
          TorchValue.tensor(teacher),
          TorchValue.tensor(student),
          TorchValue.real(0.75));
      assertArrayEquals(new float[] {1.5f, 2f}, teacher.toFloatArray());
    }
  }

  @Test
  void aFailedAssertionNamesFunctionAndReason() {
    try (NDManager step = manager.newSubManager()) {
      NDArray x = Tensors.of(step, new float[] {1}, 1);
      TorchRuntimeException e =
          assertThrows(
              TorchRuntimeException.class,
              () -> library.call(step, GradMode.NO_GRAD, "fails", TorchValue.tensor(x)));
      assertTrue(
          e.getMessage().contains("fails") && e.getMessage().contains("seven rows wanted"),
          e.getMessage());
    }
  }

  @Test
  void anUnknownFunctionNamesThoseThatExist() {
    TorchRuntimeException e =
        assertThrows(
            TorchRuntimeException.class,
            () -> library.call(manager, GradMode.NO_GRAD, "afine", TorchValue.real(1)));
    assertTrue(e.getMessage().contains("affine"), e.getMessage());
  }

  @Test
  void aScriptThatDoesNotCompilePointsAtItsLine() {
    ScriptSource broken =
        new ScriptSource(
            "broken.py", "def f(self, x: Tensor) -> Tensor:\n  return torch.no_such_op(x)\n");
    TorchRuntimeException e =
        assertThrows(
            TorchRuntimeException.class,
            () -> TorchScriptLibrary.load(library.runtime(), List.of(broken)));
    assertTrue(e.getMessage().contains("no_such_op"), e.getMessage());
  }

  @Test
  void scopesKeepTheNumberOfNativeArraysConstant() {
    NDArray weight = Tensors.of(manager, new float[] {2, 2, 2}, 3);
    Autograd.requireGrad(weight, true);
    int before = 0;
    for (int i = 0; i < 50; i++) {
      try (NDManager step = manager.newSubManager();
          NDScope scope = new NDScope()) {
        scope.suppressNotUsedWarning();
        NDArray x = Tensors.of(step, new float[] {1, 2, 3}, 3);
        Autograd.backward(
            library
                .call(step, GradMode.ENABLE_GRAD, "affine", affineArguments(x, weight, x))
                .tensor());
        Autograd.gradient(weight).toFloatArray();
      }
      if (i == 0) {
        before = manager.getManagedArrays().size();
      }
    }
    assertEquals(before, manager.getManagedArrays().size());
  }
}
