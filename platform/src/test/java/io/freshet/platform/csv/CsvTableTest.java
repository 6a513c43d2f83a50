package io.freshet.platform.csv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvTableTest {
  @TempDir private Path directory;

  @Test
  void cellsMayBeQuotedAndLinesBlank() throws IOException {
    CsvTable table =
        read(
            "file,label\r\n\r\n  \r\n\"a, \"\"b\"\".png\",cat\r\n x.png , a dog \r\n\"two\nlines\",");
    assertEquals(
        List.of(
            new CsvTable.Row(4, Map.of("file", "a, \"b\".png", "label", "cat")),
            new CsvTable.Row(5, Map.of("file", "x.png", "label", "a dog")),
            new CsvTable.Row(6, Map.of("file", "two\nlines", "label", ""))),
        table.rows());
  }

  @Test
  void columnsMayComeInAnyOrderWithOthersAmongThem() throws IOException {
    CsvTable.Row row = read("\uFEFFlabel,size,file\ncat,3,a.png\n").rows().get(0);
    assertEquals("a.png", row.cell("file"));
    assertEquals(Optional.of("3"), row.filled("size"));
    assertEquals(Optional.empty(), row.filled("split"));
  }

  @Test
  void aHeaderAloneIsATableWithoutRows() throws IOException {
    assertEquals(List.of(), read("file,label\n").rows());
  }

  @Test
  void namesWhatIsMalformed() {
    assertTrue(refusal("").contains("is empty"));
    assertTrue(refusal("name,label\na,b\n").contains("starts with 'name,label'"));
    assertTrue(refusal("file,label,file\na,b,c\n").contains("names a column twice"));
    assertTrue(refusal("file,label\na,b\n\nc\n").contains("line 4 has 1 columns"));
    assertTrue(refusal("file,label\n\"a\"b,c\n").contains("line: 2"));
    assertTrue(refusal("file,label\n\"a,b\n").contains("Missing closing quote"));
  }

  private String refusal(String text) {
    return assertThrows(IllegalArgumentException.class, () -> read(text)).getMessage();
  }

  private CsvTable read(String text) throws IOException {
    return CsvTable.read(
        Files.writeString(directory.resolve("table.csv"), text), List.of("file", "label"));
  }
}
