package io.freshet.trainer.testing;

import io.freshet.trainer.evaluate.LabelledFeatures;
import io.freshet.trainer.evaluate.torch.EvaluationScripts;
import io.freshet.vision.testing.Npz;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import java.util.Arrays;

/** What tests of the probes share. */
public final class Probes {
  /** Compiled once for all test classes of the JVM. */
  public static final TorchScriptLibrary SCRIPTS = EvaluationScripts.load(TorchRuntime.start());

  private Probes() {}

  /** An array of two dimensions as rows. */
  public static float[][] rows(Npz.Array array) {
    int dim = Math.toIntExact(array.dims()[1]);
    float[] flat = array.floats();
    float[][] rows = new float[flat.length / dim][];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = Arrays.copyOfRange(flat, row * dim, (row + 1) * dim);
    }
    return rows;
  }

  /** {@code split_features} with {@code split_labels}. */
  public static LabelledFeatures labelled(Npz npz, String split) {
    return new LabelledFeatures(
        rows(npz.get(split + "_features")), npz.get(split + "_labels").ints());
  }
}
