package io.freshet.platform.config;

import io.freshet.platform.config.ConfigNode.Mapping;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Names of settings: dotted paths, their spelling in YAML, and the nearest to a misspelt one. */
final class Keys {
  private static final Pattern CAMEL_HUMP = Pattern.compile("([a-z0-9])([A-Z])");

  private Keys() {}

  static String child(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /** {@code shardMaxSize} is written {@code shard_max_size}. */
  static String ofComponent(String componentName) {
    return CAMEL_HUMP.matcher(componentName).replaceAll("$1_$2").toLowerCase(Locale.ROOT);
  }

  /** Every path of the tree, inner ones too. */
  static List<String> all(Mapping root) {
    List<String> paths = new ArrayList<>();
    collect("", root, paths);
    return paths;
  }

  private static void collect(String path, ConfigNode node, List<String> paths) {
    if (node instanceof Mapping mapping) {
      mapping
          .entries()
          .forEach(
              (name, child) -> {
                String key = child(path, name);
                paths.add(key);
                collect(key, child, paths);
              });
    }
  }

  /** The known path that {@code misspelt} most likely means, if any is near. */
  static Optional<String> nearest(String misspelt, List<String> known) {
    String best = null;
    int bestDistance = Integer.MAX_VALUE;
    for (String candidate : known) {
      int distance = distance(misspelt, candidate);
      if (leaf(candidate).equals(leaf(misspelt))) {
        distance = Math.min(distance, 2);
      }
      if (distance < bestDistance) {
        best = candidate;
        bestDistance = distance;
      }
    }
    return bestDistance <= Math.max(2, misspelt.length() / 3)
        ? Optional.ofNullable(best)
        : Optional.empty();
  }

  private static String leaf(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  /** Edits (insert, delete, replace, swap of neighbours) between two texts. */
  static int distance(String a, String b) {
    int[][] edits = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      edits[i][0] = i;
    }
    for (int j = 0; j <= b.length(); j++) {
      edits[0][j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      for (int j = 1; j <= b.length(); j++) {
        int replaced = edits[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int shifted = Math.min(edits[i - 1][j], edits[i][j - 1]) + 1;
        edits[i][j] = Math.min(replaced, shifted);
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          edits[i][j] = Math.min(edits[i][j], edits[i - 2][j - 2] + 1);
        }
      }
    }
    return edits[a.length()][b.length()];
  }
}
