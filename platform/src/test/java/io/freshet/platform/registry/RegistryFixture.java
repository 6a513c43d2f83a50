package io.freshet.platform.registry;

import java.nio.file.Path;
import java.util.List;

/** A place for registries of tests, and the bytes in it as an attacker has them. */
interface RegistryFixture extends AutoCloseable {
  /** How to reach it from a machine that keeps its own files in a directory. */
  RegistryConfig config(Path machine);

  /** Names of everything that readers rely on. */
  List<String> files();

  byte[] read(String file);

  void overwrite(String file, byte[] content);

  void delete(String file);

  String manifest(ModelVersion version);

  /** A file of a release. */
  String file(ModelVersion version, String path);

  String alias(String name);

  /** Copies of publications that no reader sees. */
  List<String> staged();

  @Override
  void close();
}
