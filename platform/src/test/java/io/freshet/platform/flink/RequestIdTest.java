package io.freshet.platform.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.freshet.schemas.Origin;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RequestIdTest {
  private static final Origin ORIGIN = new Origin("crawl.images", 3, 17L);

  /** Pinned: a changed id would give every replayed request a second outcome. */
  @Test
  void isTheSameInEveryBuild() {
    assertEquals("1a9b7ff0d7ea52a624f56b92be8e7324", RequestId.of(ORIGIN));
  }

  @Test
  void isTheFirstOfSeveral() {
    assertEquals(RequestId.of(ORIGIN), RequestId.of(ORIGIN, 0));
  }

  @Test
  void tellsPlacesAndIndexesApart() {
    Set<String> ids =
        IntStream.range(0, 1000)
            .mapToObj(i -> RequestId.of(new Origin("t", i % 10, (long) (i / 10)), i % 3))
            .collect(Collectors.toSet());
    assertEquals(1000, ids.size());
    assertNotEquals(RequestId.of(new Origin("t", 1, 11L)), RequestId.of(new Origin("t", 11, 1L)));
  }
}
