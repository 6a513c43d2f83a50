package io.freshet.platform.registry;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.BiConsumer;

/** Fails one chosen call, before or after it took effect. */
final class FaultyFiles implements ReleaseFiles {
  private final DiskReleaseFiles real = new DiskReleaseFiles();
  int calls;
  private int failing = -1;
  private boolean afterEffect;
  boolean losesTarget;

  /** Called with where from and where to. */
  BiConsumer<Path, Path> beforeRename = (from, to) -> {};

  void fail(int call, boolean after) {
    calls = 0;
    failing = call;
    afterEffect = after;
  }

  private interface Effect {
    void run() throws IOException;
  }

  private void call(Effect effect) throws IOException {
    boolean fails = calls++ == failing;
    if (!fails || afterEffect) {
      effect.run();
    }
    if (fails) {
      throw new IOException("No space left on device");
    }
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    call(() -> real.createDirectories(directory));
  }

  @Override
  public ReleaseFile copy(Path source, Path target) throws IOException {
    ReleaseFile[] copied = new ReleaseFile[1];
    call(() -> copied[0] = real.copy(source, target));
    return copied[0];
  }

  @Override
  public void write(Path target, byte[] content) throws IOException {
    call(() -> real.write(target, content));
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    call(() -> real.syncDirectory(directory));
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    beforeRename.accept(from, to);
    if (losesTarget) {
      real.rename(from, from.resolveSibling("unreachable"));
      throw new IOException("Stale file handle");
    }
    call(() -> real.rename(from, to));
  }
}
