package io.freshet.vision.torch;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.ScriptMethod;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A TorchScript file of someone else, for inference. Such a file is a program that runs in this
 * process: open only what the operator chose, never something that arrived through a registry or a
 * topic.
 *
 * <p>Thread-safe. The opener closes it.
 */
public final class TorchScriptFile implements AutoCloseable {

  private final TorchRuntime runtime;
  private final NDManager manager;
  private final PtSymbolBlock module;

  private TorchScriptFile(TorchRuntime runtime, NDManager manager, PtSymbolBlock module) {
    this.runtime = runtime;
    this.manager = manager;
    this.module = module;
  }

  /**
   * @throws TorchRuntimeException when the file is no TorchScript archive
   */
  public static TorchScriptFile open(TorchRuntime runtime, Path file) throws IOException {
    NDManager manager = runtime.newManager();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      PtSymbolBlock module = JniUtils.loadModule((PtNDManager) manager, in, true, false);
      return new TorchScriptFile(runtime, manager, module);
    } catch (EngineException e) {
      manager.close();
      throw new TorchRuntimeException(
          file + " is no TorchScript file that this runtime loads: " + e.getMessage(), e);
    }
  }

  /** Calls {@code forward} in inference mode; the result's tensors belong to {@code owner}. */
  public TorchValue forward(NDManager owner, NDArray input) {
    runtime.work().enter();
    try (IValue boxed = TorchValues.box(TorchValue.tensor(input))) {
      return TorchValues.unbox(
          ScriptMethod.run(module, "forward", true, boxed), (PtNDManager) owner);
    } catch (EngineException e) {
      throw new TorchRuntimeException("forward failed: " + e.getMessage(), e);
    } finally {
      runtime.work().leave();
    }
  }

  @Override
  public void close() {
    module.close();
    manager.close();
  }
}
