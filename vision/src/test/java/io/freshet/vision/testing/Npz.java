package io.freshet.vision.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * The arrays of a NumPy {@code .npz} file: little-endian, C order, of type f4, f8, i8, i4, i2, u1,
 * i1 or b1; scalars have no dimensions.
 */
public final class Npz {

  private static final Pattern HEADER =
      Pattern.compile(
          "\\{'descr': '([<|=]?)([fiub]\\d)', 'fortran_order': (True|False), 'shape': \\(([^)]*)\\), *\\}\\s*");

  /**
   * One array. {@code type} is NumPy's letter and width, for example {@code f4}; {@code data} is
   * little-endian.
   */
  public record Array(String type, List<Long> shape, ByteBuffer data) {

    public int size() {
      return Math.toIntExact(shape.stream().reduce(1L, (a, b) -> a * b));
    }

    /** The shape as an array. */
    public long[] dims() {
      return shape.stream().mapToLong(Long::longValue).toArray();
    }

    /** All values in row-major order. */
    public double[] doubles() {
      ByteBuffer b = bytes();
      double[] values = new double[size()];
      for (int i = 0; i < values.length; i++) {
        values[i] =
            switch (type) {
              case "f4" -> b.getFloat(4 * i);
              case "f8" -> b.getDouble(8 * i);
              case "i8" -> b.getLong(8 * i);
              case "i4" -> b.getInt(4 * i);
              case "i2" -> b.getShort(2 * i);
              case "u1", "b1" -> b.get(i) & 0xff;
              case "i1" -> b.get(i);
              default -> throw new IllegalStateException(type);
            };
      }
      return values;
    }

    public float[] floats() {
      double[] doubles = doubles();
      float[] values = new float[doubles.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) doubles[i];
      }
      return values;
    }

    /** The integers; only of an integer or boolean array. */
    public long[] longs() {
      if (type.startsWith("f")) {
        throw new IllegalStateException(type + " holds no integers");
      }
      return Arrays.stream(doubles()).mapToLong(d -> (long) d).toArray();
    }

    public int[] ints() {
      return Arrays.stream(longs()).mapToInt(Math::toIntExact).toArray();
    }

    public boolean[] booleans() {
      boolean[] values = new boolean[size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = data.get(i) != 0;
      }
      return values;
    }

    /** The only value of a scalar or one-element array. */
    public double scalar() {
      if (size() != 1) {
        throw new IllegalStateException("not a scalar: shape " + shape);
      }
      return doubles()[0];
    }

    /** A fresh little-endian view of all bytes. */
    public ByteBuffer bytes() {
      return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  private final Path file;
  private final Map<String, Array> arrays;

  private Npz(Path file, Map<String, Array> arrays) {
    this.file = file;
    this.arrays = arrays;
  }

  public static Npz read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new Npz(file, readArrays(in));
    }
  }

  private static Map<String, Array> readArrays(InputStream in) throws IOException {
    Map<String, Array> arrays = new LinkedHashMap<>();
    ZipInputStream zip = new ZipInputStream(in);
    for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
      String name = entry.getName();
      arrays.put(
          name.endsWith(".npy") ? name.substring(0, name.length() - 4) : name,
          array(name, zip.readAllBytes()));
    }
    return arrays;
  }

  private static Array array(String name, byte[] npy) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(npy).order(ByteOrder.LITTLE_ENDIAN);
    int headerLength = npy[6] == 1 ? buffer.getShort(8) & 0xffff : buffer.getInt(8);
    int headerStart = npy[6] == 1 ? 10 : 12;
    String header = new String(npy, headerStart, headerLength, StandardCharsets.ISO_8859_1);
    Matcher m = HEADER.matcher(header);
    if (!m.matches()) {
      throw new IOException(name + " has a header this reader does not know: " + header);
    }
    List<Long> shape =
        Arrays.stream(m.group(4).split(","))
            .map(String::trim)
            .filter(s -> !s.isEmpty())
            .map(Long::valueOf)
            .toList();
    if (m.group(3).equals("True") && shape.size() > 1) {
      throw new IOException(name + " is in Fortran order");
    }
    return new Array(
        m.group(2),
        shape,
        buffer
            .slice(headerStart + headerLength, npy.length - headerStart - headerLength)
            .asReadOnlyBuffer());
  }

  /** The array of that name. */
  public Array get(String name) {
    Array array = arrays.get(name);
    if (array == null) {
      throw new IllegalArgumentException(
          file + " has no array " + name + "; it has " + arrays.keySet());
    }
    return array;
  }

  public boolean has(String name) {
    return arrays.containsKey(name);
  }

  public Set<String> names() {
    return arrays.keySet();
  }

  /**
   * The arrays whose names start with {@code prefix}, by the rest of their names, in file order.
   */
  public Map<String, Array> under(String prefix) {
    Map<String, Array> found = new LinkedHashMap<>();
    arrays.forEach(
        (name, array) -> {
          if (name.startsWith(prefix)) {
            found.put(name.substring(prefix.length()), array);
          }
        });
    return found;
  }

  /** All arrays by name, in file order. */
  public Map<String, Array> arrays() {
    return arrays;
  }
}
