package io.freshet.vision.weights;

import io.freshet.vision.weights.MalformedWeightsException.Defect;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleException;
import net.razorvine.pickle.Unpickler;

/**
 * An unpickler for state dictionaries and nothing else. Pickles are programs; this one executes
 * only plain data (numbers, strings, tuples, lists, dictionaries) and the few globals with which
 * PyTorch rebuilds tensors. Any other global is refused by name, any other opcode by number, and
 * none of either ever reaches a class or a constructor.
 */
final class TensorPickle extends Unpickler {

  static final int MAX_BYTES = 8 << 20;
  private static final int MAX_OPCODES = 2_000_000;

  /** A tensor before its storage is read: strides and offset count elements. */
  record TensorReference(
      StorageReference storage, long offset, List<Long> shape, List<Long> strides) {}

  /** A storage of the archive. */
  record StorageReference(WeightType type, String key, long elements) {}

  private enum Function {
    REBUILD_TENSOR,
    REBUILD_PARAMETER,
    ORDERED_DICT
  }

  private static final Map<String, Object> GLOBALS =
      Map.ofEntries(
          Map.entry("torch._utils _rebuild_tensor_v2", Function.REBUILD_TENSOR),
          Map.entry("torch._utils _rebuild_parameter", Function.REBUILD_PARAMETER),
          Map.entry("collections OrderedDict", Function.ORDERED_DICT),
          Map.entry("torch DoubleStorage", WeightType.F64),
          Map.entry("torch FloatStorage", WeightType.F32),
          Map.entry("torch HalfStorage", WeightType.F16),
          Map.entry("torch BFloat16Storage", WeightType.BF16),
          Map.entry("torch LongStorage", WeightType.I64),
          Map.entry("torch IntStorage", WeightType.I32),
          Map.entry("torch ShortStorage", WeightType.I16),
          Map.entry("torch CharStorage", WeightType.I8),
          Map.entry("torch ByteStorage", WeightType.U8),
          Map.entry("torch BoolStorage", WeightType.BOOL));

  /** The class in module {@code torch} of storages of that type. */
  static String storageClass(WeightType type) {
    return GLOBALS.entrySet().stream()
        .filter(global -> global.getValue() == type)
        .map(global -> global.getKey().substring("torch ".length()))
        .findFirst()
        .orElseThrow();
  }

  private int opcodes;

  private TensorPickle() {}

  /**
   * The object that {@code pickle} describes: maps, lists, scalars and {@link TensorReference}s.
   */
  static Object load(byte[] pickle) {
    try {
      return new TensorPickle().load(new ByteArrayInputStream(pickle));
    } catch (PickleException
        | IOException
        | ClassCastException
        | IndexOutOfBoundsException
        | NegativeArraySizeException e) {
      throw new MalformedWeightsException(
          Defect.INVALID_PICKLE, "the pickle is damaged: " + e.getMessage(), e);
    } catch (NullPointerException
        | IllegalArgumentException
        | ArithmeticException
        | IllegalStateException e) {
      throw new MalformedWeightsException(Defect.INVALID_PICKLE, "the pickle is damaged: " + e, e);
    }
  }

  @Override
  protected Object dispatch(short opcode) throws IOException {
    if (++opcodes > MAX_OPCODES) {
      throw invalid("more than " + MAX_OPCODES + " opcodes");
    }
    switch (opcode) {
      case Opcodes.GLOBAL -> pushGlobal(readLine(), readLine());
      case Opcodes.STACK_GLOBAL -> {
        Object name = stack.pop();
        Object module = stack.pop();
        pushGlobal(String.valueOf(module), String.valueOf(name));
      }
      case Opcodes.INST -> throw forbidden(readLine(), readLine());
      case Opcodes.REDUCE -> reduce();
      case Opcodes.BUILD -> build();
      case Opcodes.BINPERSID -> stack.add(storage((Object[]) stack.pop()));
      case Opcodes.EMPTY_DICT -> stack.add(new LinkedHashMap<Object, Object>());
      case Opcodes.SETITEM -> {
        Object value = stack.pop();
        Object key = stack.pop();
        put(map(stack.peek()), key, value);
      }
      case Opcodes.SETITEMS -> {
        List<Object> items = stack.pop_all_since_marker();
        Map<Object, Object> target = map(stack.peek());
        for (int i = 0; i < items.size(); i += 2) {
          put(target, items.get(i), items.get(i + 1));
        }
      }
      case Opcodes.BINUNICODE -> stack.add(readText(readInt()));
      case Opcodes.SHORT_BINUNICODE -> stack.add(readText(readByte()));
      case Opcodes.MARK,
          Opcodes.STOP,
          Opcodes.PROTO,
          Opcodes.FRAME,
          Opcodes.NONE,
          Opcodes.NEWTRUE,
          Opcodes.NEWFALSE,
          Opcodes.BININT,
          Opcodes.BININT1,
          Opcodes.BININT2,
          Opcodes.LONG1,
          Opcodes.BINFLOAT,
          Opcodes.TUPLE,
          Opcodes.EMPTY_TUPLE,
          Opcodes.TUPLE1,
          Opcodes.TUPLE2,
          Opcodes.TUPLE3,
          Opcodes.EMPTY_LIST,
          Opcodes.APPEND,
          Opcodes.APPENDS,
          Opcodes.BINPUT,
          Opcodes.LONG_BINPUT,
          Opcodes.BINGET,
          Opcodes.LONG_BINGET,
          Opcodes.MEMOIZE -> {
        return super.dispatch(opcode);
      }
      default ->
          throw invalid(
              "opcode 0x"
                  + Integer.toHexString(opcode & 0xff)
                  + " does not occur in state dictionaries");
    }
    return NO_RETURN_VALUE;
  }

  private void pushGlobal(String module, String name) {
    Object allowed = GLOBALS.get(module + " " + name);
    if (allowed == null) {
      throw forbidden(module, name);
    }
    stack.add(allowed);
  }

  private void reduce() {
    Object[] arguments = (Object[]) stack.pop();
    Object callable = stack.pop();
    if (!(callable instanceof Function function)) {
      throw invalid("a call of something that is no function");
    }
    stack.add(
        switch (function) {
          case REBUILD_TENSOR -> tensor(arguments);
          case REBUILD_PARAMETER -> {
            if (!(arguments[0] instanceof TensorReference tensor)) {
              throw invalid("a parameter that is no tensor");
            }
            yield tensor;
          }
          case ORDERED_DICT -> orderedDict(arguments);
        });
  }

  private static TensorReference tensor(Object[] arguments) {
    return new TensorReference(
        (StorageReference) arguments[0],
        integer(arguments[1]),
        integers((Object[]) arguments[2]),
        integers((Object[]) arguments[3]));
  }

  private static Map<Object, Object> orderedDict(Object[] arguments) {
    Map<Object, Object> map = new LinkedHashMap<>();
    if (arguments.length > 0) {
      for (Object pair : (List<?>) arguments[0]) {
        Object[] entry = pair instanceof List<?> list ? list.toArray() : (Object[]) pair;
        put(map, entry[0], entry[1]);
      }
    }
    return map;
  }

  /**
   * An OrderedDict's attributes, such as a state dictionary's version numbers, carry no weights and
   * are dropped.
   */
  private void build() {
    stack.pop();
    map(stack.peek());
  }

  private static StorageReference storage(Object[] id) {
    if (id.length < 5 || !"storage".equals(id[0]) || !(id[1] instanceof WeightType type)) {
      throw invalid("a persistent id that is no storage");
    }
    return new StorageReference(type, (String) id[2], integer(id[4]));
  }

  private static void put(Map<Object, Object> map, Object key, Object value) {
    if (!(key instanceof String || key instanceof Number)) {
      throw invalid("a dictionary key that is no string or number");
    }
    map.put(key, value);
  }

  @SuppressWarnings("unchecked")
  private static Map<Object, Object> map(Object object) {
    if (!(object instanceof LinkedHashMap)) {
      throw invalid("items or attributes set on something that is no dictionary");
    }
    return (Map<Object, Object>) object;
  }

  private static List<Long> integers(Object[] values) {
    return Arrays.stream(values).map(TensorPickle::integer).toList();
  }

  private static Long integer(Object value) {
    if (value instanceof Integer || value instanceof Long) {
      return ((Number) value).longValue();
    }
    throw invalid("a size, stride or offset that is no 64-bit integer");
  }

  private String readLine() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = readByte(); c != '\n'; c = readByte()) {
      line.append((char) c);
      if (line.length() > 1024) {
        throw invalid("a global's name longer than 1024 characters");
      }
    }
    return line.toString();
  }

  private String readText(int length) throws IOException {
    if (length < 0 || length > input.available()) {
      throw invalid("a string of " + length + " bytes where " + input.available() + " remain");
    }
    return new String(input.readNBytes(length), StandardCharsets.UTF_8);
  }

  private int readInt() throws IOException {
    return readByte() | readByte() << 8 | readByte() << 16 | readByte() << 24;
  }

  private int readByte() throws IOException {
    int value = input.read();
    if (value < 0) {
      throw invalid("the pickle ends early");
    }
    return value;
  }

  private static MalformedWeightsException forbidden(String module, String name) {
    return new MalformedWeightsException(
        Defect.FORBIDDEN_GLOBAL,
        "the pickle names the global "
            + module
            + "."
            + name
            + "; only those that rebuild tensors are allowed: save a plain state_dict");
  }

  private static MalformedWeightsException invalid(String message) {
    return new MalformedWeightsException(Defect.INVALID_PICKLE, "the pickle holds " + message);
  }
}
