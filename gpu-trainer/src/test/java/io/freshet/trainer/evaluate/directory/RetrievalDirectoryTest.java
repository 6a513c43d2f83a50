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
  void aQueryIsNoImageOfItsOwnDatabaseHoweverItsNameIsWritten() throws IOException {
    truth("{\"queries\": [{\"file\": \"./q.png\", \"easy\": [\"x/../b.png\"]}]}");
    RetrievalDirectory directory = RetrievalDirectory.read(dir);
    assertEquals(2, directory.database().size());
    assertEquals(List.of(new Relevance(Set.of(1), Set.of(), Set.of())), directory.relevance());
  }

  @Test
  void whatIsNoImageIsRefusedByName() throws IOException {
    assertRefused("{\"queries\": [{\"file\": \"q.png\", \"hard\": [\"c.png\"]}]}", "c.png");
    assertRefused("{\"queries\": [{\"file\": \"../q.png\"}]}", "../q.png");
    assertRefused("{\"queries\": [{\"easy\": [\"a.png\"]}]}", "not at all");
  }

  @Test
  void whatIsLaidOutOtherwiseIsRefused() throws IOException {
    assertRefused("{\"queries\": ", "no JSON");
    assertRefused("{}", "no queries");
    assertRefused("{\"queries\": {\"file\": \"q.png\"}}", "no queries");
    assertRefused("{\"queries\": [{\"file\": \"q.png\", \"easy\": \"a.png\"}]}", "a list of names");
    assertRefused("{\"queries\": [{\"file\": \"q.png\", \"esay\": [\"a.png\"]}]}", "esay");
  }

  private void assertRefused(String json, String saying) throws IOException {
    truth(json);
    String refusal =
        assertThrows(IllegalArgumentException.class, () -> RetrievalDirectory.read(dir))
            .getMessage();
    assertTrue(refusal.contains("retrieval.json") && refusal.contains(saying), refusal);
  }
}
