package io.freshet.trainer.evaluate.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.trainer.evaluate.retrieval.Relevance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetrievalDirectoryTest {
  @TempDir Path dir;

  private void truth(String json) throws IOException {
    for (String name : List.of("a.png", "b.png", "q.png")) {
      Files.writeString(dir.resolve(name), "x");
    }
    Files.writeString(dir.resolve("retrieval.json"), json);
  }

  @Test
  void namesBecomePositionsInTheDatabaseOfAllOtherImages() throws IOException {
    assertFalse(RetrievalDirectory.is(dir));
    truth("{\"queries\": [{\"file\": \"q.png\", \"easy\": [\"b.png\"], \"junk\": [\"a.png\"]}]}");

    RetrievalDirectory directory = RetrievalDirectory.read(dir);

    assertEquals(
        List.of("a.png", "b.png"), directory.database().stream().map(LabelledFile::name).toList());
    assertEquals(List.of(new Relevance(Set.of(1), Set.of(), Set.of(0))), directory.relevance());
  }

  @Test
  void whatIsNoImageIsRefusedByName() throws IOException {
    truth("{\"queries\": [{\"file\": \"q.png\", \"hard\": [\"c.png\"]}]}");
    String refusal =
        assertThrows(IllegalArgumentException.class, () -> RetrievalDirectory.read(dir))
            .getMessage();
    assertTrue(refusal.contains("c.png"), refusal);
    truth("{\"queries\": ");
    assertThrows(IllegalArgumentException.class, () -> RetrievalDirectory.read(dir));
    truth("{}");
    assertThrows(IllegalArgumentException.class, () -> RetrievalDirectory.read(dir));
  }
}
