package io.freshet.trainer.evaluate.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelledDirectoryTest {
  @TempDir Path dir;

  private void files(String... names) throws IOException {
    for (String name : names) {
      Files.createDirectories(dir.resolve(name).getParent());
      Files.writeString(dir.resolve(name), "x");
    }
  }

  private void csv(String text) throws IOException {
    Files.writeString(dir.resolve("labels.csv"), text);
  }

  private List<LabelledFile> read() {
    return LabelledDirectory.read(dir, Optional.empty()).files();
  }

  private String refusal() {
    return assertThrows(IllegalArgumentException.class, this::read).getMessage();
  }

  private static String told(LabelledFile file) {
    return file.name() + " " + file.label() + " " + file.split().map(Split::name).orElse("-");
  }

  @Test
  void linksAreFollowedUnlessTheyLeadBack(@TempDir Path elsewhere) throws IOException {
    files("cat/a.png");
    Files.createDirectories(elsewhere.resolve("birds/small"));
    Files.writeString(elsewhere.resolve("birds/small/b.png"), "x");
    Files.createSymbolicLink(dir.resolve("bird"), elsewhere.resolve("birds"));
    Files.createSymbolicLink(dir.resolve("cat/more"), elsewhere.resolve("birds/small"));
    Files.createSymbolicLink(dir.resolve("cat/c.png"), dir.resolve("cat/a.png"));
    assertEquals(
        List.of(
            "bird/small/b.png bird -",
            "cat/a.png cat -",
            "cat/c.png cat -",
            "cat/more/b.png cat -"),
        read().stream().map(LabelledDirectoryTest::told).toList());
    Files.createSymbolicLink(dir.resolve("cat/loop"), dir.resolve("cat"));
    assertTrue(refusal().contains("cat/loop is a link to a directory that it lies in"), refusal());
  }

  @Test
  void aFolderIsAClassAndOtherFilesAreOverlooked() throws IOException {
    files("cat/b.JPG", "cat/deep/a.png", "dog/c.webp", "dog/notes.txt", "lone.png");
    assertEquals(
        List.of("cat/b.JPG cat -", "cat/deep/a.png cat -", "dog/c.webp dog -"),
        read().stream().map(LabelledDirectoryTest::told).toList());
    assertEquals(List.of("cat", "dog"), LabelledDirectory.read(dir, Optional.empty()).classes());
  }

  @Test
  void foldersNamedAsSplitsHoldTheClasses() throws IOException {
    files("train/cat/a.png", "train/dog/b.png", "val/cat/c.png");
    assertEquals(
        List.of("train/cat/a.png cat BANK", "train/dog/b.png dog BANK", "val/cat/c.png cat QUERY"),
        read().stream().map(LabelledDirectoryTest::told).toList());
  }

  @Test
  void aTableNamesFilesLabelsAndSplits() throws IOException {
    csv("split,file,Category\ntest,\"a,1.png\",\"the \"\"cat\"\"\"\ntrain,b.png,dog\n");
    assertEquals(
        List.of("a,1.png the \"cat\" QUERY", "b.png dog BANK"),
        read().stream().map(LabelledDirectoryTest::told).toList());
  }

  @Test
  void anEmptyDirectoryAndAMissingOneSayWhatIsWanted() throws IOException {
    assertTrue(refusal().contains("folder of its own"), refusal());
    String missing =
        assertThrows(
                IllegalArgumentException.class,
                () -> LabelledDirectory.read(dir.resolve("none"), Optional.empty()))
            .getMessage();
    assertTrue(missing.contains("is no directory"), missing);
  }

  @Test
  void oneClassIsNotEnough() throws IOException {
    files("cat/a.png", "cat/b.png");
    assertTrue(refusal().contains("all 2 images") && refusal().contains("'cat'"), refusal());
  }

  @Test
  void aSplitIsForAllImagesAndHasBothSides() throws IOException {
    csv("file,label,split\na.png,x,train\nb.png,y,\n");
    assertTrue(refusal().contains("1 of 2 images"), refusal());
    csv("file,label,split\na.png,x,train\nb.png,y,train\n");
    assertTrue(refusal().contains("no image of it is test"), refusal());
    csv("file,label,split\na.png,x,train\nb.png,y,later\n");
    assertTrue(refusal().contains("'later'"), refusal());
  }

  @Test
  void aMalformedTableIsRefusedWithItsLine() throws IOException {
    csv("name,label\na.png,x\n");
    assertTrue(refusal().contains("no column file"), refusal());
    csv("file,label\na.png,x\nb.png\n");
    assertTrue(refusal().contains("line 3"), refusal());
    csv("file,label\n../a.png,x\nb.png,y\n");
    assertTrue(refusal().contains("outside"), refusal());
    Files.write(dir.resolve("labels.csv"), new byte[] {'f', (byte) 0xff, (byte) 0xfe});
    assertTrue(refusal().contains("UTF-8"), refusal());
  }
}
