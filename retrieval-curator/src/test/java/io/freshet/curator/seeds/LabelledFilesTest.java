package io.freshet.curator.seeds;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelledFilesTest {
  private static final byte[] BODY = "pixels".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path directory;

  @Test
  void readsADirectory() throws IOException {
    Files.createDirectories(directory.resolve("cats"));
    Files.write(directory.resolve("cats/tom.jpg"), BODY);
    Path labels = labels("file,label", "cats/tom.jpg,cat");
    try (LabelledFiles files = LabelledFiles.open(directory, labels)) {
      SeedFile tom = files.stream().findFirst().orElseThrow();
      assertEquals("cat", tom.label());
      assertEquals(Optional.empty(), tom.split());
      assertArrayEquals(BODY, tom.body().get());
    }
  }

  @Test
  void readsAZipWithSplits() throws IOException {
    Path zip = directory.resolve("set.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      out.putNextEntry(new ZipEntry("a.png"));
      out.write(BODY);
    }
    Path labels = labels("split,file,label", "query,a.png,dog", "", "bank,a.png,dog");
    try (LabelledFiles files = LabelledFiles.open(zip, labels)) {
      List<SeedFile> all = files.stream().toList();
      assertEquals(
          List.of("query", "bank"), all.stream().map(f -> f.split().orElseThrow()).toList());
      assertArrayEquals(BODY, all.get(1).body().get());
    }
  }

  @Test
  void namesMayHoldCommas() throws IOException {
    Files.write(directory.resolve("tom, the cat.jpg"), BODY);
    Path labels = labels("file,label", "\"tom, the cat.jpg\",\"cat, domestic\"");
    try (LabelledFiles files = LabelledFiles.open(directory, labels)) {
      SeedFile tom = files.stream().findFirst().orElseThrow();
      assertEquals("cat, domestic", tom.label());
      assertArrayEquals(BODY, tom.body().get());
    }
  }

  @Test
  void readsNothingOutsideOfTheDirectory() throws IOException {
    Path labels = labels("file,label", "../../../etc/hostname,secret");
    try (LabelledFiles files = LabelledFiles.open(directory, labels)) {
      SeedFile outside = files.stream().findFirst().orElseThrow();
      Throwable refused =
          assertThrows(UncheckedIOException.class, () -> outside.body().get()).getCause();
      assertTrue(refused.getMessage().contains("outside"), refused.getMessage());
    }
  }

  @Test
  void namesTheLineThatIsMalformed() throws IOException {
    Path labels = labels("file,label", "a.png,cat", "b.png");
    String message =
        assertThrows(IllegalArgumentException.class, () -> LabelledFiles.open(directory, labels))
            .getMessage();
    assertTrue(message.contains("line 3 has 1 columns"), message);
  }

  @Test
  void refusesASplitThatIsNeitherBankNorQuery() throws IOException {
    Path labels = labels("file,label,split", "a.png,cat,train");
    assertThrows(IllegalArgumentException.class, () -> LabelledFiles.open(directory, labels));
  }

  private Path labels(String... lines) throws IOException {
    return Files.write(directory.resolve("labels.csv"), List.of(lines));
  }
}
