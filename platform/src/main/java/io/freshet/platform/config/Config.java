package io.freshet.platform.config;

import io.freshet.platform.config.ConfigNode.Mapping;
import io.freshet.platform.config.ConfigNode.Scalar;
import io.freshet.platform.config.ConfigNode.Scalar.Form;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The settings of a process: {@code defaults.yaml}, then profiles, files and single options, each
 * laid over what was before. The defaults are the schema: a key that they don't have is refused.
 *
 * <p>Immutable and serializable, so a Flink job may carry it. Paths are relative to the working
 * directory of the process that uses them.
 *
 * <pre>{@code
 * Config config = Config.defaults().profile("demo").with(Path.of("mine.yaml")).with("http.port", "0");
 * HttpConfig http = config.section("http", HttpConfig.class);
 * }</pre>
 */
public final class Config implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String RESOURCES = "io/freshet/conf/";
  private static final Pattern PROFILE = Pattern.compile("[a-z0-9][a-z0-9_-]{0,63}");
  private static final Pattern DOT = Pattern.compile("\\.");

  private final Mapping root;

  private Config(Mapping root) {
    this.root = root;
  }

  /** What {@code deploy/conf/defaults.yaml} held when the jar was built. */
  public static Config defaults() {
    return new Config(resource("defaults"));
  }

  /** A complete configuration as {@link #toYaml} wrote it; nothing is added from the defaults. */
  public static Config parse(String yaml) {
    return new Config(ConfigReader.read("configuration", yaml));
  }

  /**
   * Lays a profile of the jar over this.
   *
   * @param name {@code demo} is {@code deploy/conf/demo.yaml}
   */
  public Config profile(String name) {
    return over(resource(name));
  }

  /** Lays a file over this. */
  public Config with(Path yaml) {
    try {
      long bytes = Files.size(yaml);
      if (bytes > ConfigReader.MAX_CHARS) {
        throw new ConfigException(
            "%s has %d bytes, the limit is %d".formatted(yaml, bytes, ConfigReader.MAX_CHARS));
      }
      return over(ConfigReader.read(yaml.toString(), Files.readString(yaml)));
    } catch (NoSuchFileException e) {
      throw new ConfigException(
          "configuration file %s doesn't exist".formatted(yaml.toAbsolutePath()), e);
    } catch (IOException e) {
      throw new ConfigException("configuration file %s can't be read: %s".formatted(yaml, e), e);
    }
  }

  /** Lays YAML text over this; messages call it {@code source}. */
  public Config withYaml(String source, String yaml) {
    return over(ConfigReader.read(source, yaml));
  }

  /**
   * Sets one key.
   *
   * @param dottedKey such as {@code http.port}
   * @param value as it would stand in YAML; a list is written {@code [a, b]}
   */
  public Config with(String dottedKey, String value) {
    String source = "--set " + dottedKey;
    return over(nested(source, List.of(DOT.split(dottedKey, -1)).iterator(), value));
  }

  /** Sets each key, in the order of the map, as {@link #with(String, String)} does. */
  public Config with(Map<String, String> settings) {
    Config config = this;
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      config = config.with(setting.getKey(), setting.getValue());
    }
    return config;
  }

  /**
   * A section as a record: component {@code shardMaxSize} is key {@code shard_max_size}, a nested
   * record is a nested group.
   *
   * @param name dotted path of the group
   * @throws ConfigException when a key is missing, unknown or of another type, or the record
   *     refuses the values
   */
  public <T extends Record> T section(String name, Class<T> type) {
    ConfigNode node = root;
    for (String key : DOT.split(name, -1)) {
      ConfigNode child = node instanceof Mapping group ? group.entries().get(key) : null;
      if (child == null) {
        throw ConfigOverlay.unknown(name, root, root);
      }
      node = child;
    }
    return RecordBinder.record(name, node, type);
  }

  /** Every key, dotted, groups before what they hold. */
  public List<String> keys() {
    return List.copyOf(Keys.all(root));
  }

  /** The effective settings, for a child process, a job or a person. Holds no comments. */
  public String toYaml() {
    return ConfigWriter.write(root);
  }

  private Config over(Mapping diff) {
    return new Config(ConfigOverlay.apply(root, diff));
  }

  private static Mapping nested(String source, Iterator<String> names, String value) {
    String name = names.next();
    Position position = new Position(source, 0);
    ConfigNode child = names.hasNext() ? nested(source, names, value) : single(source, value);
    return new Mapping(Map.of(name, child), position);
  }

  private static ConfigNode single(String source, String value) {
    if (value.startsWith("[") || value.startsWith("{")) {
      return ConfigReader.read(source, "value: " + value).entries().get("value");
    }
    Form form = value.equals("null") ? Form.NULL : Form.TEXT;
    return new Scalar(form, value, new Position(source, 0));
  }

  private static Mapping resource(String name) {
    if (!PROFILE.matcher(name).matches()) {
      throw new ConfigException(
          "'%s' is no name of a profile; names match %s".formatted(name, PROFILE));
    }
    String file = name + ".yaml";
    try (InputStream in = Config.class.getClassLoader().getResourceAsStream(RESOURCES + file)) {
      if (in == null) {
        throw new ConfigException(
            "no profile '%s': the class path has no %s%s".formatted(name, RESOURCES, file));
      }
      return ConfigReader.read(file, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new ConfigException("profile %s can't be read: %s".formatted(file, e), e);
    }
  }
}
