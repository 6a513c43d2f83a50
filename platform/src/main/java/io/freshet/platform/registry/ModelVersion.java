package io.freshet.platform.registry;

import java.io.Serializable;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One release of a model, written {@code freshet@12}.
 *
 * @param name matches {@code [a-z0-9][a-z0-9._-]{0,63}}
 * @param version 1 or more
 */
public record ModelVersion(String name, int version)
    implements Serializable, Comparable<ModelVersion> {
  private static final Pattern SYNTAX = Pattern.compile("(.{1,64})@([1-9][0-9]{0,8})");
  private static final Comparator<ModelVersion> ORDER =
      Comparator.comparing(ModelVersion::name).thenComparingInt(ModelVersion::version);

  public ModelVersion {
    Ids.require("a model", name);
    if (version < 1) {
      throw new IllegalArgumentException(
          "version %d of %s is none; versions start at 1".formatted(version, name));
    }
  }

  /** Reads {@code name@version}; empty when the text isn't one. */
  public static Optional<ModelVersion> parse(String text) {
    Matcher matcher = SYNTAX.matcher(text);
    return matcher.matches() && Ids.isId(matcher.group(1))
        ? Optional.of(new ModelVersion(matcher.group(1), Integer.parseInt(matcher.group(2))))
        : Optional.empty();
  }

  @Override
  public int compareTo(ModelVersion other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return name + "@" + version;
  }
}
