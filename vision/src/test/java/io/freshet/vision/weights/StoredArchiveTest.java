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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class StoredArchiveTest {

  private static final byte[] FIRST =
      "what lies in the first entry".getBytes(StandardCharsets.UTF_8);

  @TempDir Path dir;

  private byte[] archive() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      PthReaderTest.store(zip, "x/a", FIRST);
      PthReaderTest.store(zip, "x/b", new byte[3]);
    }
    return bytes.toByteArray();
  }

  private StoredArchive open(byte[] bytes) throws IOException {
    return StoredArchive.open(Files.write(Files.createTempFile(dir, "a", ".pth"), bytes));
  }

  private static byte[] content(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static MalformedWeightsException refused(Executable read) {
    MalformedWeightsException e = assertThrows(MalformedWeightsException.class, read);
    assertEquals(Defect.INVALID_ARCHIVE, e.defect());
    return e;
  }

  @Test
  void entriesAreWhatJavaReads() throws Exception {
    for (String name : Goldens.cases("vit", ".pth")) {
      Path file = Goldens.dir("vit").resolve(name + ".pth");
      StoredArchive archive = StoredArchive.open(file);
      try (ZipFile zip = new ZipFile(file.toFile())) {
        assertEquals(zip.size(), archive.names().size());
        for (String entry : archive.names()) {
          assertArrayEquals(
              zip.getInputStream(zip.getEntry(entry)).readAllBytes(),
              content(archive.entry(entry, 1 << 20)),
              entry);
        }
      }
    }
  }

  @Test
  void aCompressedEntryIsRefusedWithTheRemedy() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("x/a"));
      zip.write(new byte[1 << 20]);
    }
    StoredArchive archive = open(bytes.toByteArray());
    MalformedWeightsException e = refused(() -> archive.entry("x/a", 1 << 21));
    assertTrue(e.getMessage().contains("save it again with torch.save"), e.getMessage());
  }

  @Test
  void anEntryLongerThanTheLimitIsRefused() throws Exception {
    StoredArchive archive = open(archive());
    assertArrayEquals(FIRST, content(archive.entry("x/a", FIRST.length)));
    MalformedWeightsException e = refused(() -> archive.entry("x/a", FIRST.length - 1));
    assertTrue(e.getMessage().contains("the limit is " + (FIRST.length - 1)), e.getMessage());
  }

  @Test
  void aFlippedBitIsRefusedByItsChecksum() throws Exception {
    byte[] bytes = archive();
    int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("first");
    bytes[at] ^= 1;
    StoredArchive archive = open(bytes);
    MalformedWeightsException e = refused(() -> archive.entry("x/a", 1 << 20));
    assertTrue(e.getMessage().contains("CRC-32"), e.getMessage());
    assertEquals(3, archive.entry("x/b", 1 << 20).remaining());
  }

  @Test
  void twoEntriesOfOneNameAreRefused() throws Exception {
    byte[] bytes = archive();
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    bytes[text.lastIndexOf("x/b") + 2] = 'a';
    MalformedWeightsException e = refused(() -> open(bytes));
    assertTrue(e.getMessage().contains("two entries x/a"), e.getMessage());
  }

  @Test
  void everyTruncationIsRefused() throws Exception {
    byte[] bytes = archive();
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      refused(() -> open(cut));
    }
  }

  @Test
  void mutatedArchivesNeverEscapeTheNamedException() throws Exception {
    byte[] original =
        Files.readAllBytes(Goldens.dir("vit").resolve("teacher_checkpoint_chunked.pth"));
    long seed = 20260102;
    Random random = new Random(seed);
    Path file = dir.resolve("mutant.pth");
    int refused = 0;
    for (int i = 0; i < 500; i++) {
      byte[] mutant = original.clone();
      // The directory and the end of the archive: what lies before is covered by checksums.
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        int at = mutant.length - 1 - random.nextInt(Math.min(8192, mutant.length));
        mutant[at] = (byte) random.nextInt(256);
      }
      Files.write(file, mutant);
      try {
        PthReader.read(file);
      } catch (MalformedWeightsException e) {
        refused++;
      }
    }
    assertTrue(refused > 100, "seed " + seed + ": only " + refused + " of 500 mutants refused");
  }

  @Test
  void noArchiveIsRefusedWithTheRemedy() {
    for (byte[] bytes : List.of(new byte[0], new byte[21], new byte[100_000])) {
      MalformedWeightsException e = refused(() -> open(bytes));
      assertTrue(e.getMessage().contains("PyTorch 1.6"), e.getMessage());
    }
  }
}
