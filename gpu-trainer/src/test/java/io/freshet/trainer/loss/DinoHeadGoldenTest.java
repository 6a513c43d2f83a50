package io.freshet.trainer.loss;

import ai.djl.ndarray.NDArray;
import io.freshet.trainer.testing.Close;
import io.freshet.trainer.testing.TorchTest;
import io.freshet.vision.testing.Goldens;
import io.freshet.vision.testing.Npz;
import io.freshet.vision.torch.Autograd;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.TorchValue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DinoHeadGoldenTest extends TorchTest {

  static Stream<String> heads() {
    return Goldens.cases("losses", ".npz").stream().filter(name -> name.startsWith("dino_head"));
  }

  @ParameterizedTest
  @MethodSource("heads")
  void logitsAndGradientsEqualTheReference(String name) {
    Npz reference = Goldens.npz("losses", name + ".npz");
    Map<String, NDArray> parameters = new LinkedHashMap<>();
    reference
        .under("param/")
        .forEach((key, array) -> parameters.put("dino_head." + key, leaf(array)));
    NDArray x = leaf(reference.get("x"));
    NDArray y =
        call(
            "dino_head",
            TorchValue.tensor(x),
            TorchValue.dict(parameters),
            TorchValue.text("dino_head."));
    Close.within(1e-5, 1e-6).check("logits", reference.get("y").doubles(), y);

    NDArray loss =
        SCRIPTS
            .call(
                manager,
                GradMode.ENABLE_GRAD,
                "dino_head_weighted_sum",
                TorchValue.tensor(x),
                TorchValue.dict(parameters),
                TorchValue.tensor(tensor(reference.get("w"))))
            .tensor();
    Autograd.backward(loss);
    Close gradients = Close.within(1e-4, 1e-6);
    gradients.check("x", reference.get("grad_x").doubles(), Autograd.gradient(x));
    reference
        .under("grad/")
        .forEach(
            (key, expected) ->
                gradients.check(
                    key,
                    expected.doubles(),
                    Autograd.gradient(parameters.get("dino_head." + key))));
  }
}
