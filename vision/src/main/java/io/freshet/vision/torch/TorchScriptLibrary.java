package io.freshet.vision.torch;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.ScriptMethod;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;

/**
 * Functions written in TorchScript, compiled by libtorch: the mathematics of Freshet,
 * differentiable and without Python.
 *
 * <p>It holds no tensors. Parameters, inputs and states are arguments, most often one {@link
 * TorchValue#dict} under checkpoint names. Results belong to the manager given to the call; open an
 * {@code NDScope} around a step as well when plain NDArray operations follow, because DJL attaches
 * their results to the manager of the first operand:
 *
 * <pre>{@code
 * try (NDManager step = runtime.newManager(); NDScope scope = new NDScope()) {
 *   NDArray loss = library.call(step, GradMode.ENABLE_GRAD, "loss", TorchValue.tensor(x), TorchValue.dict(parameters)).tensor();
 *   Autograd.backward(loss);
 * } // intermediate tensors end here; parameters and their gradients stay
 * }</pre>
 *
 * <p>Thread-safe: any thread may call; the tensors passed must not be written meanwhile.
 */
public final class TorchScriptLibrary implements AutoCloseable {

  private final TorchRuntime runtime;
  private final NDManager manager;
  private final PtSymbolBlock module;
  private final Set<String> methods;

  private TorchScriptLibrary(TorchRuntime runtime, NDManager manager, PtSymbolBlock module) {
    this.runtime = runtime;
    this.manager = manager;
    this.module = module;
    this.methods = Set.of(ScriptMethod.names(module));
  }

  /**
   * Compiles {@code sources} into one module.
   *
   * @throws TorchRuntimeException when a source does not compile; the message points at the line
   */
  public static TorchScriptLibrary load(TorchRuntime runtime, List<ScriptSource> sources) {
    NDManager manager = runtime.newManager();
    byte[] archive = ScriptArchive.pack(sources);
    try {
      PtSymbolBlock module =
          JniUtils.loadModule(
              (PtNDManager) manager, new ByteArrayInputStream(archive), false, false);
      return new TorchScriptLibrary(runtime, manager, module);
    } catch (EngineException e) {
      manager.close();
      String files = String.join(", ", sources.stream().map(ScriptSource::name).toList());
      throw new TorchRuntimeException("scripts " + files + " do not compile: " + e.getMessage(), e);
    } catch (IOException e) {
      manager.close();
      throw new UncheckedIOException("loading scripts", e);
    }
  }

  /** The runtime that executes the functions. */
  public TorchRuntime runtime() {
    return runtime;
  }

  /** The names that {@link #call} accepts. */
  public Set<String> methods() {
    return methods;
  }

  /**
   * Calls a function.
   *
   * @param owner gets the result's tensors, on whose device they already are
   * @return the result; tensors live until {@code owner} or an enclosing {@code NDScope} closes
   * @throws TorchRuntimeException when the function does not exist or fails, with the script's
   *     trace
   */
  public TorchValue call(NDManager owner, GradMode mode, String method, TorchValue... arguments) {
    if (!methods.contains(method)) {
      throw new TorchRuntimeException(
          "no script function "
              + method
              + "; there are "
              + String.join(", ", methods.stream().sorted().toList()));
    }
    IValue[] boxed = new IValue[arguments.length];
    runtime.work().enter();
    try {
      for (int i = 0; i < arguments.length; i++) {
        boxed[i] = TorchValues.box(arguments[i]);
      }
      return TorchValues.unbox(run(mode, method, boxed), (PtNDManager) owner);
    } catch (EngineException e) {
      throw new TorchRuntimeException(
          "script function " + method + " failed: " + e.getMessage(), e);
    } finally {
      for (int i = 0; i < boxed.length; i++) {
        TorchValues.close(arguments[i], boxed[i]);
      }
      runtime.work().leave();
    }
  }

  private IValue run(GradMode mode, String method, IValue[] arguments) {
    boolean before = JniUtils.isGradMode();
    JniUtils.setGradMode(mode == GradMode.ENABLE_GRAD);
    try {
      return ScriptMethod.run(module, method, mode == GradMode.INFERENCE_MODE, arguments);
    } finally {
      JniUtils.setGradMode(before);
    }
  }

  /** Frees the compiled functions; no call may be running. */
  @Override
  public void close() {
    module.close();
    manager.close();
  }
}
