package io.freshet.trainer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class UpdateGuardTest {
  @Test
  void namesAFewOfTheImagesThatItKeepsOutAndCountsAll() {
    assertEquals("1 images: a", UpdateGuard.summary(List.of("a")));
    assertEquals("3 images: a, b, c", UpdateGuard.summary(List.of("a", "b", "c")));
    assertEquals("5 images: a, b, c, ...", UpdateGuard.summary(List.of("a", "b", "c", "d", "e")));
  }
}
