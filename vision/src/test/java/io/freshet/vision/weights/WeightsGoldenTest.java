package io.freshet.vision.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.vision.testing.Goldens;
import io.freshet.vision.testing.Npz;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every format holds the same bits as the reference's {@code .npz} of the same weights. */
class WeightsGoldenTest {

  @TempDir Path dir;

  private static Stream<String> files(String suffix) {
    return Goldens.cases("vit", suffix).stream();
  }

  static Stream<String> safetensors() {
    return files(".weights.safetensors");
  }

  static Stream<String> pths() {
    return files(".weights.pth");
  }

  static Stream<String> huggingFace() {
    return files(".hf.safetensors");
  }

  private static void assertSameBits(Map<String, Npz.Array> expected, StateDict actual) {
    assertEquals(new TreeMap<>(expected).keySet(), new TreeMap<>(actual.tensors()).keySet());
    expected.forEach(
        (name, array) -> {
          assertEquals(array.shape(), actual.get(name).shape(), name);
          assertArrayEquals(bytes(array.bytes()), bytes(actual.get(name).bytes()), name);
        });
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static Map<String, Npz.Array> reference(String variant) {
    return Goldens.npz("vit", variant + ".weights.npz").arrays();
  }

  @ParameterizedTest
  @MethodSource("safetensors")
  void readsSafetensorsBitForBit(String variant) throws Exception {
    Path file = Goldens.dir("vit").resolve(variant + ".weights.safetensors");
    assertSameBits(reference(variant), Safetensors.read(file));
    assertEquals(Map.of("format", "pt"), Safetensors.open(file).metadata());
  }

  @ParameterizedTest
  @MethodSource("safetensors")
  void writesWhatItReads(String variant) throws Exception {
    Safetensors.Contents contents =
        Safetensors.open(Goldens.dir("vit").resolve(variant + ".weights.safetensors"));
    Path copy = dir.resolve("copy.safetensors");
    Safetensors.write(copy, contents.tensors(), contents.metadata());
    assertArrayEquals(
        Files.readAllBytes(Goldens.dir("vit").resolve(variant + ".weights.safetensors")),
        Files.readAllBytes(copy));
  }

  @ParameterizedTest
  @MethodSource("pths")
  void readsPthBitForBit(String variant) throws Exception {
    StateDict read = PthReader.read(Goldens.dir("vit").resolve(variant + ".weights.pth"));
    assertSameBits(reference(variant), read);
    assertEquals(
        reference(variant).keySet().stream().toList(), read.names().stream().toList(), "order");
    assertSameBits(reference(variant), TrainingCheckpoint.of(read).backbone());
  }

  @ParameterizedTest
  @MethodSource("huggingFace")
  void convertsHuggingFaceNamesBothWaysBitForBit(String variant) throws Exception {
    StateDict huggingFace =
        Safetensors.read(Goldens.dir("vit").resolve(variant + ".hf.safetensors"));
    StateDict official = HuggingFaceDinov2.toOfficial(huggingFace);
    assertSameBits(reference(variant), official);
    assertEquals(
        reference(variant).keySet().stream().toList(), official.names().stream().toList(), "order");
    StateDict back = HuggingFaceDinov2.toHuggingFace(official);
    assertEquals(
        new TreeMap<>(huggingFace.tensors()).keySet(), new TreeMap<>(back.tensors()).keySet());
    huggingFace
        .tensors()
        .forEach(
            (name, tensor) ->
                assertArrayEquals(bytes(tensor.bytes()), bytes(back.get(name).bytes()), name));
  }

  @Test
  void aChunkedCheckpointYieldsTheTeachersBackbone() throws Exception {
    StateDict checkpoint =
        PthReader.read(Goldens.dir("vit").resolve("teacher_checkpoint_chunked.pth"));
    StateDict backbone = TrainingCheckpoint.of(checkpoint).backbone();
    assertEquals(
        4,
        backbone.names().stream()
            .filter(name -> name.matches("blocks\\.\\d\\.norm1\\.weight"))
            .count());
    assertEquals(0, backbone.names().stream().filter(name -> name.contains("head")).count());
    assertArrayEquals(
        bytes(checkpoint.get("teacher.backbone.blocks.1.3.mlp.fc1.weight").bytes()),
        bytes(backbone.get("blocks.3.mlp.fc1.weight").bytes()));
  }
}
