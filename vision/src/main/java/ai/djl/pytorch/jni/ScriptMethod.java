package ai.djl.pytorch.jni;

import ai.djl.pytorch.engine.PtSymbolBlock;
import java.util.Arrays;

/**
 * Runs a method of a TorchScript module outside {@code c10::InferenceMode}.
 *
 * <p>{@link IValueUtils#runMethod} always enters inference mode, whose results cannot take part in
 * autograd. The native entry point has a switch for it that is package-private, hence this class in
 * DJL's package. It works on the class path, where packages may be split.
 */
public final class ScriptMethod {

  private ScriptMethod() {}

  /**
   * Calls {@code method}. The graph executor's profiling optimisations are off for the calling
   * thread, so that the first call and the thousandth compute the same bits.
   *
   * @param inferenceMode true to run under inference mode; false leaves it to the thread's grad
   *     mode whether a graph is recorded
   * @return a value that the caller closes
   */
  public static IValue run(
      PtSymbolBlock module, String method, boolean inferenceMode, IValue... arguments) {
    long[] handles = Arrays.stream(arguments).mapToLong(IValue::getHandle).toArray();
    PyTorchLibrary.LIB.setGraphExecutorOptimize(false);
    return new IValue(
        PyTorchLibrary.LIB.moduleRunMethod(
            module.getHandle(), method, handles, !inferenceMode, false));
  }

  /** The names of the module's methods. */
  public static String[] names(PtSymbolBlock module) {
    return PyTorchLibrary.LIB.moduleGetMethodNames(module.getHandle());
  }
}
