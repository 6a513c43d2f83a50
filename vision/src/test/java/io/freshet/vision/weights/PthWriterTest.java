package io.freshet.vision.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.vision.testing.Goldens;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class PthWriterTest {

  @TempDir Path dir;

  static Stream<String> files() {
    return Goldens.cases("vit", ".pth").stream();
  }

  static void assertSameBits(StateDict expected, StateDict actual) {
    assertEquals(List.copyOf(expected.names()), List.copyOf(actual.names()));
    expected
        .tensors()
        .forEach(
            (name, tensor) -> {
              assertEquals(tensor.type(), actual.get(name).type(), name);
              assertEquals(tensor.shape(), actual.get(name).shape(), name);
              assertEquals(tensor.data(), actual.get(name).data(), name);
            });
  }

  @ParameterizedTest
  @MethodSource("files")
  void whatTorchWroteSurvivesBitForBit(String name) throws Exception {
    StateDict original = PthReader.read(Goldens.dir("vit").resolve(name + ".pth"));
    Path copy = dir.resolve("copy.pth");
    PthWriter.write(copy, original);
    assertSameBits(original, PthReader.read(copy));
  }

  @Test
  void aNestedDictionaryComesBackUnderItsKey() throws Exception {
    StateDict tensors =
        StateDict.builder().put("backbone.a", WeightTensor.ofFloats(new float[] {1, 2}, 2)).build();
    Path file = dir.resolve("x.pth");
    PthWriter.write(file, "teacher", tensors);
    assertSameBits(tensors, PthReader.read(file).under("teacher."));
  }

  @ParameterizedTest
  @EnumSource(WeightType.class)
  void everyElementTypeAndShapeSurvives(WeightType type) throws Exception {
    byte[] bytes = new byte[6 * type.bytes()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (17 * i + 3);
    }
    StateDict tensors =
        StateDict.builder()
            .put("matrix", new WeightTensor(type, List.of(2L, 3L), ByteBuffer.wrap(bytes)))
            .put(
                "scalar",
                new WeightTensor(type, List.of(), ByteBuffer.wrap(bytes, 0, type.bytes()).slice()))
            .put("empty", new WeightTensor(type, List.of(0L, 3L), ByteBuffer.allocate(0)))
            .build();
    Path file = dir.resolve("x.pth");
    PthWriter.write(file, tensors);
    assertSameBits(tensors, PthReader.read(file));
  }

  @Test
  void equalTensorsGiveEqualBytesAndOldFilesStay() throws Exception {
    StateDict tensors =
        StateDict.builder().put("a", WeightTensor.ofFloats(new float[] {1, 2}, 2)).build();
    Path first = dir.resolve("first.pth");
    Path second = dir.resolve("second.pth");
    PthWriter.write(first, tensors);
    PthWriter.write(second, tensors);
    assertArrayEquals(Files.readAllBytes(first), Files.readAllBytes(second));
    assertThrows(FileAlreadyExistsException.class, () -> PthWriter.write(first, tensors));
  }

  @Test
  void storagesBeginWhereTorchCanMapThem() throws Exception {
    StateDict original =
        PthReader.read(Goldens.dir("vit").resolve(files().findFirst().get() + ".pth"));
    Path file = dir.resolve("x.pth");
    PthWriter.write(file, original);
    byte[] bytes = Files.readAllBytes(file);
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (int i = 0; i < original.size(); i++) {
        ZipEntry entry = zip.getEntry("archive/data/" + i);
        byte[] content = zip.getInputStream(entry).readAllBytes();
        int aligned = 0;
        for (int at = 0; at + content.length <= bytes.length; at += 64) {
          if (ByteBuffer.wrap(bytes, at, content.length).equals(ByteBuffer.wrap(content))) {
            aligned++;
          }
        }
        assertTrue(aligned > 0, "storage " + i);
      }
    }
  }
}
