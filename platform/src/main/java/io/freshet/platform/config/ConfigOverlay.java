package io.freshet.platform.config;

import io.freshet.platform.config.ConfigNode.Mapping;
import io.freshet.platform.config.ConfigNode.Scalar;
import io.freshet.platform.config.ConfigNode.Sequence;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Lays a diff over a complete configuration. A key that the base doesn't have is refused, except
 * below an inner {@code {}}, which is a map of free keys; lists are replaced as a whole; {@code
 * null} in the base stands for any optional value.
 */
final class ConfigOverlay {
  private final Mapping root;

  private ConfigOverlay(Mapping root) {
    this.root = root;
  }

  static Mapping apply(Mapping base, Mapping diff) {
    return new ConfigOverlay(base).mapping("", base, diff);
  }

  private Mapping mapping(String path, Mapping base, Mapping diff) {
    if (base.entries().isEmpty() && path.contains(".")) {
      return diff;
    }
    Map<String, ConfigNode> merged = new LinkedHashMap<>(base.entries());
    diff.entries()
        .forEach(
            (name, value) -> {
              String key = Keys.child(path, name);
              ConfigNode known = base.entries().get(name);
              if (known == null) {
                throw unknown(key, value, root);
              }
              merged.put(name, node(key, known, value));
            });
    return new Mapping(merged, base.position());
  }

  private ConfigNode node(String key, ConfigNode base, ConfigNode diff) {
    if (base instanceof Scalar known && known.isNull()) {
      return diff;
    }
    if (base instanceof Mapping known) {
      if (diff instanceof Mapping wanted) {
        return mapping(key, known, wanted);
      }
      throw wrongShape(key, diff, "a group of keys such as " + known.shown());
    }
    if (diff instanceof Scalar wanted && wanted.isNull()) {
      return diff;
    }
    if (base instanceof Sequence && !(diff instanceof Sequence)) {
      throw wrongShape(key, diff, "a list such as [a, b]");
    }
    if (base instanceof Scalar && !(diff instanceof Scalar)) {
      throw wrongShape(key, diff, "a single value such as " + base.shown());
    }
    return diff;
  }

  private static ConfigException wrongShape(String key, ConfigNode value, String wanted) {
    return new ConfigException(
        "%s: %s is %s, but must be %s".formatted(value.position(), key, value.shown(), wanted));
  }

  static ConfigException unknown(String key, ConfigNode value, Mapping root) {
    String remedy =
        Keys.nearest(key, Keys.all(root))
            .map(nearest -> "did you mean " + nearest + "?")
            .orElse("deploy/conf/defaults.yaml lists every key");
    return new ConfigException(
        "%s: unknown key %s (= %s); %s".formatted(value.position(), key, value.shown(), remedy));
  }
}
