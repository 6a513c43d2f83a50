package io.freshet.vision.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** TorchScript files for tests. */
public final class ScriptFiles {

  private ScriptFiles() {}

  /** Writes a module whose functions are {@code source}. */
  public static Path write(Path file, String source) throws IOException {
    return Files.write(file, ScriptArchive.pack(List.of(new ScriptSource("test.py", source))));
  }
}
