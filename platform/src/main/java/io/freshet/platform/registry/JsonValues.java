package io.freshet.platform.registry;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Brings values into the one form that JSON gives them back in, so that copies are equal. */
final class JsonValues {
  private static final int MAX_DEPTH = 8;

  private JsonValues() {}

  static Map<String, Double> numbers(String what, Map<String, Double> numbers) {
    Map<String, Double> sorted = new TreeMap<>(numbers);
    sorted.forEach(
        (key, number) -> {
          if (number == null || !Double.isFinite(number)) {
            throw new IllegalArgumentException(
                "%s.%s is %s, must be finite; leave out what wasn't measured"
                    .formatted(what, key, number));
          }
        });
    return Collections.unmodifiableMap(sorted);
  }

  static Map<String, Object> object(String what, Map<String, ?> object) {
    return object(what, object, 1);
  }

  private static Map<String, Object> object(String what, Map<?, ?> object, int depth) {
    Map<String, Object> sorted = new TreeMap<>();
    object.forEach(
        (key, value) -> {
          if (!(key instanceof String name)) {
            throw new IllegalArgumentException(what + " has the key " + key + ", which is no text");
          }
          sorted.put(name, value(what + "." + name, value, depth));
        });
    return Collections.unmodifiableMap(sorted);
  }

  private static Object value(String what, Object value, int depth) {
    if (depth > MAX_DEPTH) {
      throw new IllegalArgumentException(what + " lies deeper than " + MAX_DEPTH);
    }
    if (value instanceof String || value instanceof Boolean) {
      return value;
    } else if (value instanceof Integer || value instanceof Long || value instanceof Short) {
      return integer(((Number) value).longValue());
    } else if (value instanceof Float || value instanceof Double) {
      return finite(what, Double.parseDouble(value.toString()));
    } else if (value instanceof List<?> list) {
      List<Object> copy = new ArrayList<>();
      list.forEach(element -> copy.add(value(what + "[]", element, depth + 1)));
      return Collections.unmodifiableList(copy);
    } else if (value instanceof Map<?, ?> map) {
      return object(what, map, depth + 1);
    }
    throw new IllegalArgumentException(
        "%s is %s, which JSON can't say; use text, numbers, truth values, lists and maps"
            .formatted(what, value == null ? "null" : value.getClass().getName()));
  }

  private static Number integer(long number) {
    if (number == (int) number) {
      return (int) number;
    }
    return number;
  }

  private static double finite(String what, double number) {
    if (!Double.isFinite(number)) {
      throw new IllegalArgumentException(what + " is " + number + ", must be finite");
    }
    return number;
  }
}
