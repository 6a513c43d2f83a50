package io.freshet.vision.torch;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one native PyTorch runtime of this JVM.
 *
 * <p>It never downloads: DJL's offline switch is set before the engine starts, and a missing native
 * jar is an error. The JVM's end is ordered, because C++ destructors that run under a thread inside
 * libtorch crash the process: see {@link NativeWork}.
 *
 * <p>Thread-safe. Grad mode is a property of each thread in libtorch and starts <em>on</em> in
 * every new thread; calls through {@link TorchScriptLibrary} set it themselves, plain DJL
 * operations do not.
 */
public final class TorchRuntime {

  private static final Logger LOG = LoggerFactory.getLogger(TorchRuntime.class);
  private static TorchRuntime instance;

  private final Engine engine;
  private final TorchSettings settings;
  private final NativeWork work;

  private TorchRuntime(Engine engine, TorchSettings settings) {
    this.engine = engine;
    this.settings = settings;
    this.work = new NativeWork(settings.shutdownGrace(), NativeWork::halt);
    Runtime.getRuntime().addShutdownHook(new Thread(work::shutDown, "torch-shutdown"));
  }

  /** Starts with {@link TorchSettings#defaults()}, or returns the runtime that already runs. */
  public static TorchRuntime start() {
    return start(TorchSettings.defaults());
  }

  /**
   * Starts the runtime, or returns the one that already runs, whose settings then stay in force.
   *
   * @throws TorchRuntimeException when the native libraries are missing or do not load
   */
  public static synchronized TorchRuntime start(TorchSettings settings) {
    if (instance == null) {
      instance = new TorchRuntime(startEngine(settings), settings);
    } else if (!instance.settings.equals(settings)) {
      LOG.debug("torch already runs with {}; {} is not applied", instance.settings, settings);
    }
    return instance;
  }

  private static Engine startEngine(TorchSettings settings) {
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(settings.threads()));
    System.setProperty(
        "ai.djl.pytorch.num_interop_threads", Integer.toString(settings.interopThreads()));
    System.setProperty("ai.djl.pytorch.graph_optimizer", "false");
    Optional<Path> cacheDir = settings.cacheDir();
    if (cacheDir.isPresent()) {
      String dir = cacheDir.get().toAbsolutePath().toString();
      System.setProperty("DJL_CACHE_DIR", dir);
      System.setProperty("ENGINE_CACHE_DIR", dir);
    }
    try {
      Engine engine = Engine.getEngine("PyTorch");
      LOG.info(
          "torch {} on {} with {} threads",
          engine.getVersion(),
          engine.defaultDevice(),
          settings.threads());
      return engine;
    } catch (EngineException | UnsatisfiedLinkError | IllegalArgumentException e) {
      throw new TorchRuntimeException(
          "PyTorch did not start offline: put pytorch-jni and pytorch-native-cpu (classifier of this platform) on the class path: "
              + e.getMessage(),
          e);
    }
  }

  /** The settings in force. */
  public TorchSettings settings() {
    return settings;
  }

  /** The first GPU if libtorch sees one, else the CPU. */
  public Device device() {
    return engine.defaultDevice();
  }

  /** A manager that owns native tensors on {@link #device()}. The caller closes it. */
  public NDManager newManager() {
    return engine.newBaseManager(device());
  }

  /**
   * The devices that {@code count} replicas of a model run on: as many GPUs if there are any, else
   * the CPU so many times.
   *
   * @throws TorchRuntimeException when there are GPUs, but fewer
   */
  public List<Device> devices(int count) {
    if (!device().isGpu()) {
      return Collections.nCopies(count, Device.cpu());
    }
    int gpus = engine.getGpuCount();
    if (count > gpus) {
      throw new TorchRuntimeException(
          "%d devices are wanted, but torch sees %d GPUs".formatted(count, gpus));
    }
    return IntStream.range(0, count).mapToObj(Device::gpu).toList();
  }

  /** A manager that owns native tensors on {@code device}. The caller closes it. */
  public NDManager newManager(Device device) {
    return engine.newBaseManager(device);
  }

  /** The ordered end of native work. */
  public NativeWork work() {
    return work;
  }
}
