package io.freshet.platform.config;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.freshet.platform.config.ConfigNode.Mapping;
import io.freshet.platform.config.ConfigNode.Scalar;
import io.freshet.platform.config.ConfigNode.Scalar.Form;
import io.freshet.platform.config.ConfigNode.Sequence;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;

/**
 * Reads YAML token by token into nodes. No tag, anchor or alias is accepted and no class is ever
 * looked up by a name in the file; a key may stand once; text is limited in size and depth.
 */
final class ConfigReader {
  static final int MAX_CHARS = 1 << 20;
  private static final int MAX_DEPTH = 32;
  private static final YAMLFactory YAML = YAMLFactory.builder().loaderOptions(limits()).build();

  private final String source;
  private final YAMLParser parser;

  private ConfigReader(String source, YAMLParser parser) {
    this.source = source;
    this.parser = parser;
  }

  /**
   * @param source what messages call the text
   * @throws ConfigException when the text is no single YAML mapping
   */
  static Mapping read(String source, String text) {
    if (text.length() > MAX_CHARS) {
      throw new ConfigException(
          "%s has %d characters, the limit is %d".formatted(source, text.length(), MAX_CHARS));
    }
    try (YAMLParser parser = YAML.createParser(text)) {
      return new ConfigReader(source, parser).document();
    } catch (IOException e) {
      throw new ConfigException("%s is no valid YAML: %s".formatted(source, e.getMessage()), e);
    }
  }

  private static LoaderOptions limits() {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(MAX_CHARS);
    options.setNestingDepthLimit(MAX_DEPTH);
    options.setMaxAliasesForCollections(0);
    return options;
  }

  private Mapping document() throws IOException {
    JsonToken first = parser.nextToken();
    if (first == null || first == JsonToken.VALUE_NULL) {
      return new Mapping(Map.of(), position());
    }
    if (first != JsonToken.START_OBJECT) {
      throw new ConfigException(position() + " must start with a key, such as 'kafka:'");
    }
    Mapping mapping = mapping("");
    if (parser.nextToken() != null) {
      throw new ConfigException(position() + " starts a second document; keep one per file");
    }
    return mapping;
  }

  private ConfigNode value(String path) throws IOException {
    refuseTagsAndAliases(path);
    JsonToken token = parser.currentToken();
    return switch (token) {
      case START_OBJECT -> mapping(path);
      case START_ARRAY -> sequence(path);
      case VALUE_NULL -> new Scalar(Form.NULL, "null", position());
      case VALUE_STRING -> new Scalar(Form.TEXT, parser.getText(), position());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_TRUE, VALUE_FALSE ->
          new Scalar(Form.PLAIN, parser.getText(), position());
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
          throw new ConfigException(
              "%s: %s holds %s, which no setting can be".formatted(position(), path, token));
    };
  }

  private Mapping mapping(String path) throws IOException {
    refuseTagsAndAliases(path);
    Position start = position();
    Map<String, ConfigNode> entries = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      refuseTagsAndAliases(path);
      String name = parser.currentName();
      String key = Keys.child(path, name);
      Position position = position();
      parser.nextToken();
      ConfigNode earlier = entries.put(name, value(key));
      if (earlier != null) {
        throw new ConfigException(
            "%s: %s stands twice, first at %s; keep one"
                .formatted(position, key, earlier.position()));
      }
    }
    return new Mapping(entries, start);
  }

  private Sequence sequence(String path) throws IOException {
    Position start = position();
    List<ConfigNode> elements = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      elements.add(value("%s[%d]".formatted(path, elements.size())));
    }
    return new Sequence(elements, start);
  }

  private void refuseTagsAndAliases(String path) throws IOException {
    if (parser.getTypeId() != null || parser.getObjectId() != null || parser.isCurrentAlias()) {
      throw new ConfigException(
          "%s: %s uses a YAML tag, anchor or alias, which are not accepted; write the value itself"
              .formatted(position(), path.isEmpty() ? "the document" : path));
    }
  }

  private Position position() {
    return new Position(source, parser.currentTokenLocation().getLineNr());
  }
}
