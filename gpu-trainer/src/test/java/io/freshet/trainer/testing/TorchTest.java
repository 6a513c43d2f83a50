package io.freshet.trainer.testing;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.freshet.trainer.torch.TrainerScripts;
import io.freshet.vision.testing.Npz;
import io.freshet.vision.torch.Autograd;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.ScriptSource;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchRuntime;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A test that calls the loss scripts; its tensors end with each test method. */
public abstract class TorchTest {

  /** Scalars to derive where a reference gradient belongs to a sum. */
  private static final ScriptSource SUMS =
      new ScriptSource(
          "sums.py",
          """
          def dino_head_weighted_sum(self, x: Tensor, p: Dict[str, Tensor], w: Tensor) -> Tensor:
            return (self.dino_head(x, p, "dino_head.") * w).sum()

          def ibot_loss_of_rows(self, student: Tensor, teacher: Tensor, rows: Tensor, weights: Tensor, crops: int, temp: float) -> Tensor:
            return self.ibot_loss(student.index_select(0, rows), teacher.index_select(0, rows), weights, crops, temp)
          """);

  /** Compiled once for all test classes of the JVM. */
  protected static final TorchScriptLibrary SCRIPTS =
      TorchScriptLibrary.load(TorchRuntime.start(), sources());

  protected NDManager manager;

  private static List<ScriptSource> sources() {
    List<ScriptSource> sources = new ArrayList<>(ScriptSource.visionTransformer());
    sources.addAll(TrainerScripts.losses());
    sources.add(SUMS);
    return sources;
  }

  @BeforeEach
  void openManager() {
    manager = SCRIPTS.runtime().newManager();
  }

  @AfterEach
  void closeManager() {
    manager.close();
  }

  protected NDArray tensor(Npz.Array array) {
    return tensor(array, array.dims());
  }

  protected NDArray tensor(Npz.Array array, long... shape) {
    return Tensors.of(manager, array.floats(), shape);
  }

  /** A tensor that gradients accumulate in. */
  protected NDArray leaf(Npz.Array array) {
    return leaf(array, array.dims());
  }

  /** The same with another shape. */
  protected NDArray leaf(Npz.Array array, long... shape) {
    NDArray leaf = tensor(array, shape);
    Autograd.requireGrad(leaf, true);
    return leaf;
  }

  protected NDArray call(String method, TorchValue... arguments) {
    return SCRIPTS.call(manager, GradMode.ENABLE_GRAD, method, arguments).tensor();
  }
}
