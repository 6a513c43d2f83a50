package io.freshet.platform.config;

import java.io.Serializable;

/**
 * Where a value was written.
 *
 * @param source file, resource or option
 * @param line 1-based; 0 where lines mean nothing
 */
record Position(String source, int line) implements Serializable {
  @Override
  public String toString() {
    return line == 0 ? source : source + " line " + line;
  }
}
