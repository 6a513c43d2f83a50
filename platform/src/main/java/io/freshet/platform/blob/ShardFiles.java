package io.freshet.platform.blob;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** The file system as a shard writer needs it. Tests replace it by one that fails. */
interface ShardFiles {
  /** Creates a file that does not exist yet. */
  ShardFile create(Path path) throws IOException;

  /** Makes the entries of a directory durable. */
  void syncDirectory(Path directory) throws IOException;

  /** A file under construction. */
  interface ShardFile extends Closeable {
    /** Writes all of {@code bytes}, or throws after writing some. */
    void write(ByteBuffer bytes, long position) throws IOException;

    void truncate(long size) throws IOException;

    /** Makes content and length durable. */
    void force() throws IOException;
  }
}
