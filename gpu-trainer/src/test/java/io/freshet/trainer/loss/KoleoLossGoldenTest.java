package io.freshet.trainer.loss;

import ai.djl.ndarray.NDArray;
import io.freshet.trainer.testing.Close;
import io.freshet.trainer.testing.TorchTest;
import io.freshet.vision.testing.Goldens;
import io.freshet.vision.testing.Npz;
import io.freshet.vision.torch.Autograd;
import io.freshet.vision.torch.TorchValue;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class KoleoLossGoldenTest extends TorchTest {

  /** Each set of features in each file, as FILE/SET. */
  static Stream<String> sets() {
    return Goldens.cases("losses", ".npz").stream()
        .filter(name -> name.startsWith("koleo_loss"))
        .flatMap(
            name ->
                Goldens.npz("losses", name + ".npz").names().stream()
                    .filter(array -> array.endsWith("_x"))
                    .map(array -> name + "/" + array.substring(0, array.length() - 2)));
  }

  @ParameterizedTest
  @MethodSource("sets")
  void lossAndGradientEqualTheReference(String fileAndSet) {
    String[] parts = fileAndSet.split("/", 2);
    Npz npz = Goldens.npz("losses", parts[0] + ".npz");
    NDArray x = leaf(npz.get(parts[1] + "_x"));
    NDArray loss = call("koleo_loss", TorchValue.tensor(x));
    Close.within(1e-5, 0).check(fileAndSet, npz.get(parts[1] + "_loss").doubles(), loss);
    if (npz.has(parts[1] + "_grad")) {
      Autograd.backward(loss);
      Close.within(1e-4, 1e-6)
          .check(fileAndSet, npz.get(parts[1] + "_grad").doubles(), Autograd.gradient(x));
    }
  }
}
