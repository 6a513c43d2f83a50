package io.freshet.platform.config;

import io.freshet.platform.config.ConfigNode.Mapping;
import io.freshet.platform.config.ConfigNode.Scalar;
import io.freshet.platform.config.ConfigNode.Sequence;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Turns nodes into records by the types of their components. */
final class RecordBinder {
  private RecordBinder() {}

  static <T extends Record> T record(String path, ConfigNode node, Class<T> type) {
    Mapping mapping = require(path, node, Mapping.class, "a group of keys");
    RecordComponent[] components = type.getRecordComponents();
    refuseUnknown(path, mapping, components);
    Object[] arguments = new Object[components.length];
    Class<?>[] parameters = new Class<?>[components.length];
    for (int i = 0; i < components.length; i++) {
      parameters[i] = components[i].getType();
      arguments[i] = component(path, mapping, components[i]);
    }
    return construct(path, mapping, type, parameters, arguments);
  }

  private static void refuseUnknown(String path, Mapping mapping, RecordComponent[] components) {
    Set<String> known = new TreeSet<>();
    for (RecordComponent component : components) {
      known.add(Keys.ofComponent(component.getName()));
    }
    mapping
        .entries()
        .forEach(
            (name, value) -> {
              if (!known.contains(name)) {
                String key = Keys.child(path, name);
                List<String> siblings = known.stream().map(k -> Keys.child(path, k)).toList();
                throw new ConfigException(
                    "%s: unknown key %s (= %s); %s"
                        .formatted(
                            value.position(),
                            key,
                            value.shown(),
                            Keys.nearest(key, siblings)
                                .map(nearest -> "did you mean " + nearest + "?")
                                .orElse("known are " + String.join(", ", known))));
              }
            });
  }

  private static Object component(String path, Mapping mapping, RecordComponent component) {
    String name = Keys.ofComponent(component.getName());
    String key = Keys.child(path, name);
    ConfigNode node = mapping.entries().get(name);
    if (node != null) {
      return value(key, node, component.getGenericType());
    }
    if (component.getType() == Optional.class) {
      return Optional.empty();
    }
    throw new ConfigException(
        "%s: missing key %s (%s); add it there, its default belongs in deploy/conf/defaults.yaml"
            .formatted(mapping.position(), key, component.getType().getSimpleName()));
  }

  private static <T extends Record> T construct(
      String path, Mapping mapping, Class<T> type, Class<?>[] parameters, Object[] arguments) {
    try {
      Constructor<T> constructor = type.getDeclaredConstructor(parameters);
      constructor.setAccessible(true);
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new ConfigException(
          "%s: %s is refused: %s"
              .formatted(origins(mapping), path.isEmpty() ? "it" : path, e.getCause().getMessage()),
          e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new ConfigException(type.getName() + " can't hold " + path, e);
    }
  }

  /** The sources that the values came from; the last that was laid over comes last. */
  private static String origins(Mapping mapping) {
    return String.join(
        ", ",
        mapping.entries().values().stream()
            .map(node -> node.position().source())
            .distinct()
            .toList());
  }

  private static Object value(String key, ConfigNode node, Type type) {
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      if (generic.getRawType() == Optional.class) {
        return isNull(node) ? Optional.empty() : Optional.of(value(key, node, arguments[0]));
      }
      if (generic.getRawType() == List.class) {
        return list(key, node, arguments[0]);
      }
      if (generic.getRawType() == Map.class && arguments[0] == String.class) {
        return map(key, node, arguments[1]);
      }
    } else if (type instanceof Class<?> plain) {
      if (plain.isRecord() && plain != DataSize.class) {
        return record(key, node, plain.asSubclass(Record.class));
      }
      return scalar(key, node, plain);
    }
    throw new ConfigException(key + " has type " + type + ", which settings can't have");
  }

  private static List<Object> list(String key, ConfigNode node, Type elementType) {
    Sequence sequence = require(key, node, Sequence.class, "a list such as [a, b]");
    List<Object> elements = new ArrayList<>();
    for (ConfigNode element : sequence.elements()) {
      elements.add(value("%s[%d]".formatted(key, elements.size()), element, elementType));
    }
    return Collections.unmodifiableList(elements);
  }

  private static Map<String, Object> map(String key, ConfigNode node, Type valueType) {
    Mapping mapping = require(key, node, Mapping.class, "a group of keys");
    Map<String, Object> entries = new LinkedHashMap<>();
    mapping
        .entries()
        .forEach(
            (name, child) -> entries.put(name, value(Keys.child(key, name), child, valueType)));
    return Collections.unmodifiableMap(entries);
  }

  private static Object scalar(String key, ConfigNode node, Class<?> type) {
    Scalar scalar = require(key, node, Scalar.class, "a single value");
    if (scalar.isNull()) {
      throw new ConfigException(
          "%s: %s has no value, but needs one (%s)"
              .formatted(node.position(), key, type.getSimpleName()));
    }
    try {
      return parse(scalar.text(), type);
    } catch (NumberFormatException e) {
      throw wrongType(key, node, "%s; write a number in its range".formatted(type.getSimpleName()));
    } catch (InvalidPathException e) {
      throw wrongType(key, node, "path: " + e.getMessage());
    } catch (IllegalArgumentException e) {
      throw new ConfigException("%s: %s: %s".formatted(node.position(), key, e.getMessage()), e);
    }
  }

  private static Object parse(String text, Class<?> type) {
    if (type == String.class) {
      return text;
    } else if (type == int.class || type == Integer.class) {
      return Integer.valueOf(digits(text));
    } else if (type == long.class || type == Long.class) {
      return Long.valueOf(digits(text));
    } else if (type == short.class || type == Short.class) {
      return Short.valueOf(digits(text));
    } else if (type == double.class || type == Double.class) {
      return finite(text);
    } else if (type == float.class || type == Float.class) {
      return (float) finite(text);
    } else if (type == boolean.class || type == Boolean.class) {
      return truth(text);
    } else if (type == Duration.class) {
      return DurationSyntax.parse(text);
    } else if (type == DataSize.class) {
      return DataSize.parse(text);
    } else if (type == Path.class) {
      return path(text);
    } else if (type.isEnum()) {
      return constant(text, type);
    }
    throw new IllegalArgumentException("type " + type.getName() + " is no type of settings");
  }

  private static String digits(String text) {
    return text.replace("_", "");
  }

  private static double finite(String text) {
    double number = Double.parseDouble(digits(text));
    if (!Double.isFinite(number)) {
      throw new NumberFormatException(text);
    }
    return number;
  }

  private static boolean truth(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new IllegalArgumentException("'" + text + "' is neither true nor false; write one");
    };
  }

  private static Path path(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("a path can't be empty");
    }
    return Path.of(text);
  }

  private static Object constant(String text, Class<?> type) {
    List<String> names = new ArrayList<>();
    for (Object constant : type.getEnumConstants()) {
      String name = ((Enum<?>) constant).name();
      if (name.equalsIgnoreCase(text)) {
        return constant;
      }
      names.add(name.toLowerCase(Locale.ROOT));
    }
    throw new IllegalArgumentException(
        "'" + text + "' is none of " + String.join(", ", names) + "; write one of them");
  }

  private static <N extends ConfigNode> N require(
      String key, ConfigNode node, Class<N> shape, String wanted) {
    if (shape.isInstance(node)) {
      return shape.cast(node);
    }
    throw new ConfigException(
        "%s: %s is %s, but must be %s".formatted(node.position(), key, node.shown(), wanted));
  }

  private static boolean isNull(ConfigNode node) {
    return node instanceof Scalar scalar && scalar.isNull();
  }

  private static ConfigException wrongType(String key, ConfigNode node, String wanted) {
    return new ConfigException(
        "%s: %s = '%s' is no %s".formatted(node.position(), key, node.shown(), wanted));
  }
}
