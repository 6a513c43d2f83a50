package io.freshet.platform.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that differs from what was written in one bit of its middle byte, until it is mended. */
public final class AlteredFile {
  private final Path file;
  private final byte[] intact;

  private AlteredFile(Path file, byte[] intact) {
    this.file = file;
    this.intact = intact;
  }

  /**
   * Alters a file, which may be read-only as a registry's are.
   *
   * @throws UncheckedIOException when it can't be read or written
   */
  public static AlteredFile of(Path file) {
    try {
      byte[] intact = Files.readAllBytes(file);
      byte[] altered = intact.clone();
      altered[altered.length / 2] ^= 1;
      write(file, altered);
      return new AlteredFile(file, intact);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " can't be altered", e);
    }
  }

  /** Writes again what was there. */
  public void mend() {
    try {
      write(file, intact);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " can't be mended", e);
    }
  }

  private static void write(Path file, byte[] bytes) throws IOException {
    if (!file.toFile().setWritable(true)) {
      throw new IOException(file + " stays read-only");
    }
    Files.write(file, bytes);
  }
}
