package io.freshet.platform.registry;

import java.io.IOException;
import java.nio.file.Path;

/** The file system as the registry needs it for writing. Tests replace it by one that fails. */
interface ReleaseFiles {
  /** Creates missing directories, each durable in its parent. */
  void createDirectories(Path directory) throws IOException;

  /** Copies to a new file that is durable and read-only on return, and digests what it copied. */
  ReleaseFile copy(Path source, Path target) throws IOException;

  /** Writes a small file, replacing one that is there; durable on return, its entry is not. */
  void write(Path target, byte[] content) throws IOException;

  /** Makes the entries of a directory durable. */
  void syncDirectory(Path directory) throws IOException;

  /** {@code rename(2)}: a file replaces a file; a directory never replaces one that has entries. */
  void rename(Path from, Path to) throws IOException;
}
