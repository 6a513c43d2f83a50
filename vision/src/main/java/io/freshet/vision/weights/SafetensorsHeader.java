package io.freshet.vision.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.freshet.vision.weights.MalformedWeightsException.Defect;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The JSON header of a safetensors file, checked as a whole before any data is touched.
 *
 * @param entries tensors in the header's order; offsets count from the start of the data
 * @param metadata the free-form strings
 */
record SafetensorsHeader(Map<String, Entry> entries, Map<String, String> metadata) {

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(4)
                  .maxNameLength(4096)
                  .maxStringLength(1 << 20)
                  .maxNumberLength(20)
                  .build())
          .build();
  private static final int MAX_DIMENSIONS = 16;

  record Entry(WeightType type, List<Long> shape, long begin, long end) {}

  /** Parses {@code json} and checks that the tensors fill exactly {@code dataBytes} bytes. */
  static SafetensorsHeader parse(byte[] json, long dataBytes) {
    try (JsonParser parser = JSON.createParser(json)) {
      SafetensorsHeader header = readObject(parser);
      if (parser.nextToken() != null) {
        throw invalid("more than one JSON value");
      }
      header.requireFilled(dataBytes);
      return header;
    } catch (IOException e) {
      throw new MalformedWeightsException(
          Defect.INVALID_HEADER, "the header is not valid JSON: " + e.getMessage(), e);
    }
  }

  private static SafetensorsHeader readObject(JsonParser parser) throws IOException {
    Map<String, Entry> entries = new LinkedHashMap<>();
    Map<String, String> metadata = null;
    require(parser.nextToken(), JsonToken.START_OBJECT, "the header");
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      if (name.equals("__metadata__")) {
        if (metadata != null) {
          throw duplicate(name);
        }
        metadata = readMetadata(parser);
      } else if (entries.put(name, readEntry(parser, name)) != null) {
        throw duplicate(name);
      }
    }
    return new SafetensorsHeader(entries, metadata == null ? Map.of() : metadata);
  }

  private static Map<String, String> readMetadata(JsonParser parser) throws IOException {
    Map<String, String> metadata = new LinkedHashMap<>();
    require(parser.currentToken(), JsonToken.START_OBJECT, "__metadata__");
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      require(parser.nextToken(), JsonToken.VALUE_STRING, "metadata " + key);
      if (metadata.put(key, parser.getText()) != null) {
        throw duplicate("__metadata__." + key);
      }
    }
    return metadata;
  }

  private static Entry readEntry(JsonParser parser, String name) throws IOException {
    require(parser.currentToken(), JsonToken.START_OBJECT, "tensor " + name);
    WeightType type = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String field = parser.currentName();
      parser.nextToken();
      boolean first =
          switch (field) {
            case "dtype" -> type == null;
            case "shape" -> shape == null;
            case "data_offsets" -> offsets == null;
            default -> throw invalid("tensor " + name + " has an unknown field " + field);
          };
      if (!first) {
        throw duplicate(name + "." + field);
      }
      switch (field) {
        case "dtype" -> type = readType(parser, name);
        case "shape" -> shape = readNumbers(parser, name, MAX_DIMENSIONS, Defect.INVALID_SHAPE);
        default -> offsets = readNumbers(parser, name, 2, Defect.INVALID_HEADER);
      }
    }
    if (type == null || shape == null || offsets == null || offsets.size() != 2) {
      throw invalid("tensor " + name + " needs dtype, shape and two data_offsets");
    }
    return checked(name, new Entry(type, shape, offsets.get(0), offsets.get(1)));
  }

  private static WeightType readType(JsonParser parser, String name) throws IOException {
    require(parser.currentToken(), JsonToken.VALUE_STRING, "dtype of " + name);
    String text = parser.getText();
    for (WeightType type : WeightType.values()) {
      if (type.name().equals(text)) {
        return type;
      }
    }
    throw new MalformedWeightsException(
        Defect.UNKNOWN_TYPE,
        "tensor " + name + " has the type " + text + ", which is not supported");
  }

  private static List<Long> readNumbers(JsonParser parser, String name, int max, Defect negative)
      throws IOException {
    require(parser.currentToken(), JsonToken.START_ARRAY, "shape or offsets of " + name);
    List<Long> numbers = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      require(parser.currentToken(), JsonToken.VALUE_NUMBER_INT, "shape or offsets of " + name);
      if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
          || parser.getLongValue() < 0) {
        throw new MalformedWeightsException(
            negative,
            "tensor " + name + " has the number " + parser.getText() + ", allowed are 0..2^63-1");
      }
      numbers.add(parser.getLongValue());
      if (numbers.size() > max) {
        throw new MalformedWeightsException(
            Defect.INVALID_SHAPE,
            "tensor " + name + " has more than " + max + " numbers in a list");
      }
    }
    return numbers;
  }

  private static Entry checked(String name, Entry entry) {
    long bytes;
    try {
      bytes = Math.multiplyExact(WeightTensor.count(entry.shape()), entry.type().bytes());
    } catch (ArithmeticException e) {
      throw new MalformedWeightsException(
          Defect.INVALID_SHAPE,
          "tensor " + name + " has the shape " + entry.shape() + ", which overflows",
          e);
    }
    if (entry.end() - entry.begin() != bytes) {
      throw new MalformedWeightsException(
          Defect.LENGTH_MISMATCH,
          "tensor "
              + name
              + " of "
              + entry.type()
              + " "
              + entry.shape()
              + " needs "
              + bytes
              + " bytes, its offsets span "
              + (entry.end() - entry.begin()));
    }
    if (bytes > Integer.MAX_VALUE) {
      throw new MalformedWeightsException(
          Defect.TENSOR_TOO_LARGE,
          "tensor " + name + " has " + bytes + " bytes, the limit is " + Integer.MAX_VALUE);
    }
    return entry;
  }

  private void requireFilled(long dataBytes) {
    List<Map.Entry<String, Entry>> order = new ArrayList<>(entries.entrySet());
    order.sort(
        Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin())
            .thenComparing(e -> e.getValue().end()));
    long filled = 0;
    for (Map.Entry<String, Entry> e : order) {
      long begin = e.getValue().begin();
      if (begin < filled) {
        throw new MalformedWeightsException(
            Defect.OVERLAP,
            "tensor "
                + e.getKey()
                + " begins at "
                + begin
                + ", inside another that ends at "
                + filled);
      }
      if (begin > filled) {
        throw new MalformedWeightsException(
            Defect.HOLE,
            "no tensor covers the bytes " + filled + " to " + begin + " before " + e.getKey());
      }
      filled = e.getValue().end();
    }
    if (filled > dataBytes) {
      throw new MalformedWeightsException(
          Defect.TRUNCATED_DATA,
          "the tensors need " + filled + " bytes, the file has " + dataBytes);
    }
    if (filled < dataBytes) {
      throw new MalformedWeightsException(
          Defect.TRAILING_BYTES, (dataBytes - filled) + " bytes follow the last tensor");
    }
  }

  private static void require(JsonToken token, JsonToken wanted, String where) {
    if (token != wanted) {
      throw invalid(where + " is " + token + ", not " + wanted);
    }
  }

  private static MalformedWeightsException invalid(String message) {
    return new MalformedWeightsException(Defect.INVALID_HEADER, message);
  }

  private static MalformedWeightsException duplicate(String name) {
    return new MalformedWeightsException(Defect.DUPLICATE_NAME, name + " is given twice");
  }
}
