package io.freshet.vision.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.vision.weights.MalformedWeightsException.Defect;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {

  @TempDir Path dir;

  private Path file(String header, int dataBytes) throws Exception {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return file(json.length, json, dataBytes);
  }

  private Path file(long headerLength, byte[] header, int dataBytes) throws Exception {
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(headerLength).put(header);
    return Files.write(dir.resolve("x.safetensors"), bytes.array());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "INVALID_HEADER | [] | 0",
        "INVALID_HEADER | {'a': 3} | 0",
        "INVALID_HEADER | {'a': {'dtype': 'F32', 'shape': [1]}} | 4",
        "INVALID_HEADER | {'a': {'dtype': 'F32', 'shape': [1], 'data_offsets': [0]}} | 4",
        "INVALID_HEADER | {'a': {'dtype': 'F32', 'shape': [1], 'data_offsets': [0, -4]}} | 4",
        "INVALID_HEADER | {'a': {'dtype': 'F32', 'shape': ['1'], 'data_offsets': [0, 4]}} | 4",
        "INVALID_HEADER | {'a': {'dtype': 'F32', 'shape': [1.0], 'data_offsets': [0, 4]}} | 4",
        "INVALID_HEADER | {'a': {'dtype': 'F32', 'shape': [1], 'data_offsets': [0, 4], 'x': 1}} | 4",
        "INVALID_HEADER | {'__metadata__': {'a': 1}} | 0",
        "INVALID_HEADER | {'__metadata__': {'a': {'b': 'c'}}} | 0",
        "INVALID_HEADER | {} {} | 0",
        "INVALID_HEADER | {'a': | 0",
        "DUPLICATE_NAME | {'a': {'dtype': 'U8', 'shape': [1], 'data_offsets': [0, 1]}, 'a': {'dtype': 'U8', 'shape': [1], 'data_offsets': [1, 2]}} | 2",
        "DUPLICATE_NAME | {'a': {'dtype': 'U8', 'dtype': 'U8', 'shape': [1], 'data_offsets': [0, 1]}} | 1",
        "DUPLICATE_NAME | {'__metadata__': {}, '__metadata__': {}} | 0",
        "UNKNOWN_TYPE | {'a': {'dtype': 'F8_E4M3', 'shape': [1], 'data_offsets': [0, 1]}} | 1",
        "UNKNOWN_TYPE | {'a': {'dtype': 'f32', 'shape': [1], 'data_offsets': [0, 4]}} | 4",
        "INVALID_SHAPE | {'a': {'dtype': 'F32', 'shape': [-1], 'data_offsets': [0, 4]}} | 4",
        "INVALID_SHAPE | {'a': {'dtype': 'F32', 'shape': [4294967296, 4294967296], 'data_offsets': [0, 0]}} | 0",
        "INVALID_SHAPE | {'a': {'dtype': 'F64', 'shape': [2305843009213693952], 'data_offsets': [0, 0]}} | 0",
        "INVALID_SHAPE | {'a': {'dtype': 'U8', 'shape': [99999999999999999999], 'data_offsets': [0, 0]}} | 0",
        "INVALID_SHAPE | {'a': {'dtype': 'U8', 'shape': [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1], 'data_offsets': [0, 1]}} | 1",
        "LENGTH_MISMATCH | {'a': {'dtype': 'F32', 'shape': [2], 'data_offsets': [0, 4]}} | 4",
        "LENGTH_MISMATCH | {'a': {'dtype': 'F32', 'shape': [1], 'data_offsets': [4, 0]}} | 4",
        "OVERLAP | {'a': {'dtype': 'U8', 'shape': [4], 'data_offsets': [0, 4]}, 'b': {'dtype': 'U8', 'shape': [2], 'data_offsets': [3, 5]}} | 5",
        "OVERLAP | {'a': {'dtype': 'U8', 'shape': [4], 'data_offsets': [0, 4]}, 'b': {'dtype': 'U8', 'shape': [4], 'data_offsets': [0, 4]}} | 4",
        "HOLE | {'a': {'dtype': 'U8', 'shape': [1], 'data_offsets': [1, 2]}} | 2",
        "HOLE | {'a': {'dtype': 'U8', 'shape': [1], 'data_offsets': [0, 1]}, 'b': {'dtype': 'U8', 'shape': [1], 'data_offsets': [2, 3]}} | 3",
        "TRUNCATED_DATA | {'a': {'dtype': 'F32', 'shape': [1], 'data_offsets': [0, 4]}} | 3",
        "TRAILING_BYTES | {'a': {'dtype': 'F32', 'shape': [1], 'data_offsets': [0, 4]}} | 5",
        "TRAILING_BYTES | {} | 1",
        "TENSOR_TOO_LARGE | {'a': {'dtype': 'U8', 'shape': [2147483648], 'data_offsets': [0, 2147483648]}} | 0"
      })
  void refusesEachDefectByName(Defect defect, String header, int dataBytes) throws Exception {
    Path file = file(header.replace('\'', '"'), dataBytes);
    MalformedWeightsException e =
        assertThrows(MalformedWeightsException.class, () -> Safetensors.read(file));
    assertEquals(defect, e.defect(), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "100000001, HEADER_TOO_LARGE",
    "-1, HEADER_TOO_LARGE",
    "9223372036854775807, HEADER_TOO_LARGE",
    "3, TRUNCATED_HEADER"
  })
  void refusesAHeaderLengthBeforeItAllocates(long length, Defect defect) throws Exception {
    Path file = file(length, new byte[] {'{', '}'}, 0);
    assertEquals(
        defect,
        assertThrows(MalformedWeightsException.class, () -> Safetensors.read(file)).defect());
  }

  @Test
  void refusesAFileWithoutALength() throws Exception {
    Path file = Files.write(dir.resolve("x.safetensors"), new byte[7]);
    assertEquals(
        Defect.TRUNCATED_HEADER,
        assertThrows(MalformedWeightsException.class, () -> Safetensors.read(file)).defect());
  }

  @Test
  void refusesDeepNestingWithoutOverflow() throws Exception {
    Path file = file("{\"a\":" + "[".repeat(100_000), 0);
    assertEquals(
        Defect.INVALID_HEADER,
        assertThrows(MalformedWeightsException.class, () -> Safetensors.read(file)).defect());
  }

  @Test
  void everyTruncationOfAValidFileIsRefused() throws Exception {
    Path good = dir.resolve("good.safetensors");
    StateDict weights =
        StateDict.builder()
            .put("a", WeightTensor.ofFloats(new float[] {1, 2}, 2))
            .put("b", WeightTensor.ofFloats(new float[] {3}, 1))
            .build();
    Safetensors.write(good, weights, Map.of("format", "pt"));
    byte[] bytes = Files.readAllBytes(good);
    for (int length = 0; length < bytes.length; length++) {
      Path cut = Files.write(dir.resolve("cut.safetensors"), Arrays.copyOf(bytes, length));
      assertThrows(MalformedWeightsException.class, () -> Safetensors.read(cut));
    }
  }

  @Test
  void scalarsEmptyTensorsAndHalvesSurvive() throws Exception {
    ByteBuffer halves = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    halves
        .putShort((short) 0x3c00)
        .putShort((short) 0xc000)
        .putShort((short) 0x0001)
        .putShort((short) 0x7c00)
        .flip();
    ByteBuffer brains =
        ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN).putShort((short) 0x3fc0).flip();
    StateDict weights =
        StateDict.builder()
            .put("scalar", WeightTensor.ofFloats(new float[] {7}))
            .put("empty", WeightTensor.ofFloats(new float[0], 0, 3))
            .put("half", new WeightTensor(WeightType.F16, List.of(4L), halves))
            .put("brain", new WeightTensor(WeightType.BF16, List.of(1L), brains))
            .build();
    Path file = dir.resolve("w.safetensors");
    Safetensors.write(file, weights, Map.of());
    StateDict read = Safetensors.read(file);
    assertEquals(List.copyOf(weights.names()), List.copyOf(read.names()));
    assertArrayEquals(new float[] {7}, read.get("scalar").toFloats());
    assertEquals(List.of(0L, 3L), read.get("empty").shape());
    assertArrayEquals(
        new float[] {1, -2, 0x1p-24f, Float.POSITIVE_INFINITY}, read.get("half").toFloats());
    assertArrayEquals(new float[] {1.5f}, read.get("brain").toFloats());
    assertThrows(
        FileAlreadyExistsException.class, () -> Safetensors.write(file, weights, Map.of()));
  }
}
