package io.freshet.platform.config;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A value of the configuration tree that remembers where it was written. Immutable. */
sealed interface ConfigNode extends Serializable {
  Position position();

  /** How the value reads in a message, at most 80 characters. */
  String shown();

  /** Keys in the order of the file. */
  record Mapping(Map<String, ConfigNode> entries, Position position) implements ConfigNode {
    public Mapping {
      entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    }

    @Override
    public String shown() {
      return cut("{" + String.join(", ", entries.keySet()) + "}");
    }
  }

  /** A list. */
  record Sequence(List<ConfigNode> elements, Position position) implements ConfigNode {
    public Sequence {
      elements = Collections.unmodifiableList(new ArrayList<>(elements));
    }

    @Override
    public String shown() {
      return cut(elements.stream().map(ConfigNode::shown).toList().toString());
    }
  }

  /** A single value as text; its type is decided by who reads it. */
  record Scalar(Form form, String text, Position position) implements ConfigNode {
    /** How YAML read it, so that it is written back the same way. */
    enum Form {
      NULL,
      /** A number or a truth value. */
      PLAIN,
      TEXT
    }

    boolean isNull() {
      return form == Form.NULL;
    }

    @Override
    public String shown() {
      return cut(text);
    }
  }

  private static String cut(String text) {
    return text.length() <= 80 ? text : text.substring(0, 77) + "...";
  }
}
