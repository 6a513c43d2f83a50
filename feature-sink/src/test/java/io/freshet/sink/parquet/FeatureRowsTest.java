package io.freshet.sink.parquet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows through a file and back, and where they lie. */
class FeatureRowsTest {
  private static final String SPACE = "freshet@12/cls/l2";
  private static final Instant AT = Instant.parse("2026-11-27T23:59:59.123456Z");

  @TempDir private Path temp;

  @Test
  void rowsOfManyRowGroupsComeBackAsTheyWere() throws IOException {
    Random random = new Random(3);
    List<FeatureRow> rows = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      String image = "%064x".formatted(i);
      rows.add(
          i % 7 == 0
              ? FeatureRow.withdrawn(image + "|" + SPACE, AT.plusSeconds(i))
              : new FeatureRow(image, SPACE, vector(random), AT, AT.plusNanos(1_000L * i)));
    }
    Path file = write(rows);
    assertEquals(rows.size(), ParquetFiles.rows(file).size());
    try (RowReader reader = new RowReader(new org.apache.flink.core.fs.Path(file.toUri()))) {
      for (FeatureRow expected : rows) {
        FeatureRow actual = reader.read();
        assertEquals(expected.imageId(), actual.imageId());
        assertEquals(SPACE, actual.spaceId());
        assertArrayEquals(expected.vector(), actual.vector());
        assertEquals(expected.decidedAt(), actual.decidedAt());
        assertEquals(expected.at(), actual.at());
      }
      assertNull(reader.read());
    }
  }

  @Test
  void theFolderNamesSpaceAndDayInHivesForm() {
    FeatureRow row = FeatureRow.withdrawn("a|" + SPACE, AT);
    assertEquals(
        "space=freshet@12_cls_l2/day=2026-11-27", new SpaceAndDay().getBucketId(row, null));
  }

  @Test
  void noSpaceLeavesTheDirectory() {
    assertEquals("space=.._.._etc", SpaceAndDay.folder("../../etc"));
    assertEquals("space=a_b_c_", SpaceAndDay.folder("a=b c+"));
  }

  @Test
  void refusesAKeyWithoutSpaceAndAHalfRow() {
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> FeatureRow.withdrawn("image7", AT))
            .getMessage()
            .contains("image7"));
    assertThrows(IllegalArgumentException.class, () -> new FeatureRow("a", SPACE, null, AT, AT));
  }

  private Path write(List<FeatureRow> rows) throws IOException {
    org.apache.flink.core.fs.Path file =
        new org.apache.flink.core.fs.Path(temp.resolve("rows.parquet").toUri());
    try (FSDataOutputStream stream =
        FileSystem.getLocalFileSystem().create(file, FileSystem.WriteMode.NO_OVERWRITE)) {
      RowWriter writer = new RowWriter(stream, 64 << 10);
      for (FeatureRow row : rows) {
        writer.addElement(row);
      }
      writer.finish();
    }
    return temp.resolve("rows.parquet");
  }

  private static float[] vector(Random random) {
    float[] vector = new float[384];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (float) random.nextGaussian();
    }
    return vector;
  }
}
