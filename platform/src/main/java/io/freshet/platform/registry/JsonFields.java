package io.freshet.platform.registry;

import com.fasterxml.jackson.databind.JsonNode;

/** Fields of a JSON object; a required one that is missing, or a mistyped one, is named. */
record JsonFields(JsonNode object) {
  private static final int FORMAT = 1;

  /** Refuses formats that a later version of the specification defines. */
  JsonFields requireFormat() {
    if (integer("format") != FORMAT) {
      throw new IllegalArgumentException(
          "it has format %d, this version reads %d; upgrade".formatted(integer("format"), FORMAT));
    }
    return this;
  }

  String text(String name) {
    return require(name, field(name).isTextual(), "text").textValue();
  }

  /** A text that may be missing. */
  String textOr(String name, String missing) {
    return object.has(name) ? text(name) : missing;
  }

  int integer(String name) {
    JsonNode field = field(name);
    return require(name, field.isIntegralNumber() && field.canConvertToInt(), "an int").intValue();
  }

  long number(String name) {
    JsonNode field = field(name);
    return require(name, field.isIntegralNumber() && field.canConvertToLong(), "a long")
        .longValue();
  }

  JsonNode array(String name) {
    return require(name, field(name).isArray(), "an array");
  }

  JsonNode map(String name) {
    return require(name, field(name).isObject(), "an object");
  }

  private JsonNode field(String name) {
    return object.path(name);
  }

  private JsonNode require(String name, boolean holds, String type) {
    if (!holds) {
      throw new IllegalArgumentException("its field %s is not %s".formatted(name, type));
    }
    return field(name);
  }
}
