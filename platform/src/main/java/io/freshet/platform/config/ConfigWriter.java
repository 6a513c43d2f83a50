package io.freshet.platform.config;

import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import io.freshet.platform.config.ConfigNode.Mapping;
import io.freshet.platform.config.ConfigNode.Scalar;
import io.freshet.platform.config.ConfigNode.Sequence;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;

/** Writes a tree as YAML that {@link ConfigReader} reads back to the same values. */
final class ConfigWriter {
  private static final YAMLFactory YAML =
      YAMLFactory.builder()
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .disable(YAMLGenerator.Feature.SPLIT_LINES)
          .build();

  private ConfigWriter() {}

  static String write(Mapping root) {
    StringWriter text = new StringWriter();
    try (YAMLGenerator generator = YAML.createGenerator(text)) {
      write(root, generator);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return text.toString();
  }

  private static void write(ConfigNode node, YAMLGenerator generator) throws IOException {
    if (node instanceof Mapping mapping) {
      generator.writeStartObject();
      for (Map.Entry<String, ConfigNode> entry : mapping.entries().entrySet()) {
        generator.writeFieldName(entry.getKey());
        write(entry.getValue(), generator);
      }
      generator.writeEndObject();
    } else if (node instanceof Sequence sequence) {
      generator.writeStartArray();
      for (ConfigNode element : sequence.elements()) {
        write(element, generator);
      }
      generator.writeEndArray();
    } else if (node instanceof Scalar scalar) {
      switch (scalar.form()) {
        case NULL -> generator.writeNull();
        case PLAIN -> generator.writeNumber(scalar.text());
        case TEXT -> generator.writeString(scalar.text());
      }
    }
  }
}
