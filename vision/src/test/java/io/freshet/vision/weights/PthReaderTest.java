package io.freshet.vision.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.vision.testing.Goldens;
import io.freshet.vision.weights.MalformedWeightsException.Defect;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PthReaderTest {

  @TempDir Path dir;

  /** A pickle written opcode by opcode. */
  private static final class Pickle {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Pickle raw(int... opcodes) {
      for (int opcode : opcodes) {
        bytes.write(opcode);
      }
      return this;
    }

    Pickle ascii(String text) {
      bytes.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
      return this;
    }

    Pickle text(String text) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      bytes.write('X');
      bytes.writeBytes(
          ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(utf8.length).array());
      bytes.writeBytes(utf8);
      return this;
    }

    Pickle integer(int value) {
      bytes.write('J');
      bytes.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
      return this;
    }

    /** {@code (name, tensor)} of storage 0 with the given geometry, on the stack. */
    Pickle tensor(String storageType, int elements, int offset, int[] shape, int[] strides) {
      ascii("ctorch._utils\n_rebuild_tensor_v2\n((")
          .text("storage")
          .ascii("ctorch\n" + storageType + "\n");
      text("0")
          .text("cpu")
          .integer(elements)
          .ascii("tQ")
          .integer(offset)
          .tuple(shape)
          .tuple(strides);
      return raw(0x89).ascii("ccollections\nOrderedDict\n)RtR");
    }

    Pickle tuple(int[] values) {
      ascii("(");
      for (int value : values) {
        integer(value);
      }
      return ascii("t");
    }

    byte[] done() {
      return ascii(".").bytes.toByteArray();
    }
  }

  private static Pickle pickle() {
    return new Pickle().raw(0x80, 2);
  }

  private Path archive(byte[] pickle, byte[] storage) throws Exception {
    Path file = dir.resolve("x.pth");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      store(zip, "x/data.pkl", pickle);
      store(zip, "x/data/0", storage);
    }
    return file;
  }

  static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
  }

  private StateDict read(byte[] pickle, float... storage) throws Exception {
    ByteBuffer bytes = ByteBuffer.allocate(4 * storage.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(storage);
    return PthReader.read(archive(pickle, bytes.array()));
  }

  private MalformedWeightsException refused(byte[] pickle, float... storage) {
    return assertThrows(MalformedWeightsException.class, () -> read(pickle, storage));
  }

  static Stream<String> globals() {
    return List.of(
        "os system",
        "posix system",
        "nt system",
        "subprocess Popen",
        "subprocess check_output",
        "builtins eval",
        "builtins exec",
        "builtins getattr",
        "builtins __import__",
        "builtins open",
        "builtins compile",
        "__builtin__ eval",
        "__builtin__ apply",
        "sys modules",
        "sys exit",
        "shutil rmtree",
        "socket socket",
        "pickle loads",
        "_pickle loads",
        "marshal loads",
        "types FunctionType",
        "types CodeType",
        "functools partial",
        "operator attrgetter",
        "importlib import_module",
        "runpy run_path",
        "webbrowser open",
        "ctypes CDLL",
        "pty spawn",
        "platform popen",
        "asyncio run",
        "code interact",
        "timeit timeit",
        "pdb run",
        "bdb Bdb",
        "cProfile run",
        "torch load",
        "torch.hub load",
        "torch.jit load",
        "torch.serialization load",
        "torch.utils.cpp_extension load",
        "torch._utils rebuild",
        "torch._utils _rebuild_tensor",
        "torch._utils _rebuild_device_tensor_from_numpy",
        "torch.nn.modules.linear Linear",
        "torch Tensor",
        "torch device",
        "torch Size",
        "torch UntypedStorage",
        "torch.storage _load_from_bytes",
        "numpy.core.multiarray _reconstruct",
        "numpy ndarray",
        "numpy load",
        "dill._dill _load_type",
        "cloudpickle.cloudpickle _fill_function",
        "joblib load",
        "collections namedtuple",
        "collections Counter",
        "collections orderedDict",
        "collections.abc OrderedDict",
        "copyreg _reconstructor",
        "copy_reg _reconstructor",
        "datetime datetime",
        "decimal Decimal",
        "array array",
        "java.lang Runtime",
        "java.util OrderedDict",
        "torch FloatStorage.__init__",
        " torch FloatStorage")
        .stream();
  }

  @ParameterizedTest
  @MethodSource("globals")
  void refusesEveryGlobalBeyondTensorsByName(String global) {
    String[] parts =
        global.strip().equals(global) ? global.split(" ") : new String[] {" torch", "FloatStorage"};
    byte[] call =
        pickle()
            .ascii("c" + parts[0] + "\n" + parts[1] + "\n")
            .text("touch /tmp/owned")
            .raw(0x85)
            .ascii("R")
            .done();
    byte[] stackGlobal =
        pickle().text(parts[0]).text(parts[1]).raw(0x93).text("x").raw(0x85).ascii("R").done();
    byte[] instance = pickle().ascii("(i" + parts[0] + "\n" + parts[1] + "\n").done();
    for (byte[] attack : List.of(call, stackGlobal, instance)) {
      MalformedWeightsException e = refused(attack);
      assertEquals(Defect.FORBIDDEN_GLOBAL, e.defect());
      assertTrue(e.getMessage().contains(parts[0] + "." + parts[1]), e.getMessage());
    }
  }

  @Test
  void refusesOpcodesThatStateDictionariesDoNotUse() {
    for (int opcode :
        new int[] {
          'P', 'o', 'S', 'V', 'I', 'L', 'F', 'd', 'l', 'g', 'p', 0x81, 0x82, 0x83, 0x84, 0x92,
          0x95 + 1, 0x97, 0x98, 0xff
        }) {
      assertEquals(
          Defect.INVALID_PICKLE,
          refused(pickle().raw(opcode).ascii("1\n1\n").done()).defect(),
          "opcode " + opcode);
    }
  }

  @Test
  void readsTransposedAndSharedViews() throws Exception {
    byte[] pickle =
        pickle()
            .ascii("}(")
            .text("whole")
            .tensor("FloatStorage", 6, 0, new int[] {2, 3}, new int[] {3, 1})
            .text("transposed")
            .tensor("FloatStorage", 6, 0, new int[] {3, 2}, new int[] {1, 3})
            .text("tail")
            .tensor("FloatStorage", 6, 4, new int[] {2}, new int[] {1})
            .text("epoch")
            .integer(7)
            .ascii("u")
            .done();
    StateDict weights = read(pickle, 0, 1, 2, 3, 4, 5);
    assertEquals(List.of("whole", "transposed", "tail"), List.copyOf(weights.names()));
    assertArrayEquals(new float[] {0, 3, 1, 4, 2, 5}, weights.get("transposed").toFloats());
    assertArrayEquals(new float[] {4, 5}, weights.get("tail").toFloats());
  }

  @Test
  void refusesGeometryThatLeavesItsStorage() {
    int[][][] geometries = {
      {{7}, {1}, {0}},
      {{2}, {6}, {0}},
      {{1}, {1}, {6}},
      {{1}, {1}, {-1}},
      {{2}, {-1}, {1}},
      {{-1}, {1}, {0}},
      {{2, 3}, {3}, {0}},
      {{1000000, 1000000}, {0, 0}, {0}},
      {{Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE}, {1, 1, 1}, {0}}
    };
    for (int[][] g : geometries) {
      byte[] pickle =
          pickle()
              .ascii("}")
              .text("a")
              .tensor("FloatStorage", 6, g[2][0], g[0], g[1])
              .ascii("s")
              .done();
      assertEquals(Defect.INVALID_SHAPE, refused(pickle, 0, 1, 2, 3, 4, 5).defect());
    }
  }

  @Test
  void refusesAStorageOfAnotherLength() {
    byte[] pickle =
        pickle()
            .ascii("}")
            .text("a")
            .tensor("FloatStorage", 7, 0, new int[] {1}, new int[] {1})
            .ascii("s")
            .done();
    assertEquals(Defect.LENGTH_MISMATCH, refused(pickle, 0, 1, 2, 3, 4, 5).defect());
    byte[] wider =
        pickle()
            .ascii("}")
            .text("a")
            .tensor("DoubleStorage", 6, 0, new int[] {1}, new int[] {1})
            .ascii("s")
            .done();
    assertEquals(Defect.LENGTH_MISMATCH, refused(wider, 0, 1, 2, 3, 4, 5).defect());
  }

  @Test
  void refusesSelfContainingDictionariesHugeStringsAndEmptyPickles() {
    byte[] cycle = pickle().ascii("}").raw('q', 0).text("a").raw('h', 0).ascii("s").done();
    assertEquals(Defect.INVALID_PICKLE, refused(cycle).defect());
    byte[] huge = pickle().ascii("X").raw(0xff, 0xff, 0xff, 0x7f).done();
    assertEquals(Defect.INVALID_PICKLE, refused(huge).defect());
    assertEquals(Defect.INVALID_PICKLE, refused(new byte[0]).defect());
    assertEquals(Defect.INVALID_PICKLE, refused(pickle().ascii("s").done()).defect());
    assertEquals(Defect.INVALID_PICKLE, refused(pickle().ascii("u").done()).defect());
  }

  @Test
  void refusesViewsThatUnpackToMoreThanTheirFile() {
    Pickle pickle = pickle().ascii("}(");
    for (int i = 0; i < 40; i++) {
      pickle.text("view" + i).tensor("FloatStorage", 900, 0, new int[] {30, 30}, new int[] {1, 30});
    }
    MalformedWeightsException e = refused(pickle.ascii("u").done(), new float[900]);
    assertEquals(Defect.TENSOR_TOO_LARGE, e.defect());
    assertTrue(e.getMessage().contains("view"), e.getMessage());
  }

  @Test
  void refusesFilesThatAreNoArchive() throws Exception {
    Path file = Files.write(dir.resolve("old.pth"), pickle().ascii("}").done());
    assertEquals(
        Defect.INVALID_ARCHIVE,
        assertThrows(MalformedWeightsException.class, () -> PthReader.read(file)).defect());
  }

  @Test
  void mutatedPicklesNeverEscapeTheNamedException() throws Exception {
    byte[] original;
    try (ZipFile zip =
        new ZipFile(Goldens.dir("vit").resolve("teacher_checkpoint_chunked.pth").toFile())) {
      original =
          zip.getInputStream(zip.getEntry("teacher_checkpoint_chunked/data.pkl")).readAllBytes();
    }
    long seed = 20260101;
    Random random = new Random(seed);
    int refused = 0;
    for (int i = 0; i < 3000; i++) {
      byte[] mutant = original.clone();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
      }
      try {
        TensorPickle.load(mutant);
      } catch (MalformedWeightsException e) {
        refused++;
      }
    }
    assertTrue(refused > 300, "seed " + seed + ": only " + refused + " of 3000 mutants refused");
  }
}
