package io.freshet.client.pgvector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Names that go into SQL text. */
class SpaceCatalogueTest {
  /** What PostgreSQL cuts a name to, less the ending of the index. */
  private static final int LONGEST = 63 - "_hnsw".length();

  @Test
  void aTableIsNamedAfterItsSpace() {
    String name = SpaceCatalogue.tableName("freshet@12/cls/l2");
    assertTrue(name.matches("feature_freshet_12_cls_l2_[0-9a-f]{8}"), name);
    assertEquals(name, SpaceCatalogue.tableName("freshet@12/cls/l2"));
    assertNotEquals(name, SpaceCatalogue.tableName("freshet_12/cls/l2"));
  }

  @Test
  void nothingInASpaceGetsIntoTheSql() {
    for (String space : new String[] {"x; DROP TABLE y --", "\"'\\", "Ä".repeat(300), ""}) {
      String name = SpaceCatalogue.tableName(space);
      assertTrue(name.matches("feature_[a-z0-9_]+") && name.length() <= LONGEST, name);
    }
  }
}
