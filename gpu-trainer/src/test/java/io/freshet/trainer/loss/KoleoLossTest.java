package io.freshet.trainer.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import io.freshet.trainer.testing.TorchTest;
import io.freshet.vision.torch.Autograd;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchValue;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KoleoLossTest extends TorchTest {
  private static final int IMAGES = 8;

  /** Loss and gradient are finite for {@code coincident} equal features among others. */
  @ParameterizedTest
  @CsvSource({"2,4,1", "8,4,1", "8,384,1", "8,1024,1e-20", "8,384,1e15", "5,384,0", "8,384,0"})
  void isFiniteWithItsGradientWhereFeaturesCoincide(int coincident, int dim, float length) {
    float[] features = features(coincident, dim, length);
    NDArray x = Tensors.of(manager, features, IMAGES, dim);
    Autograd.requireGrad(x, true);
    NDArray loss = call("koleo_loss", TorchValue.tensor(x));
    assertTrue(Float.isFinite(loss.getFloat()), "loss " + loss.getFloat());
    Autograd.backward(loss);
    for (float gradient : Autograd.gradient(x).toFloatArray()) {
      assertTrue(Float.isFinite(gradient), "gradient " + gradient);
    }
  }

  @Test
  void countsTheFeaturesThatHaveANeighbourInTheirPlace() {
    for (int coincident : new int[] {0, 2, 5, IMAGES}) {
      NDArray x = Tensors.of(manager, features(coincident, 32, 3), IMAGES, 32);
      assertEquals(
          coincident,
          call("koleo_coincidences", TorchValue.tensor(x)).toLongArray()[0],
          coincident + " coincide");
    }
  }

  /** The first {@code coincident} rows are one vector of the length given, the others random. */
  private static float[] features(int coincident, int dim, float length) {
    Random random = new Random(3);
    float[] features = new float[IMAGES * dim];
    for (int i = 0; i < features.length; i++) {
      features[i] = (float) random.nextGaussian();
    }
    for (int row = 0; row < coincident; row++) {
      for (int d = 0; d < dim; d++) {
        features[row * dim + d] = length * (d % 3 - 1);
      }
    }
    return features;
  }
}
