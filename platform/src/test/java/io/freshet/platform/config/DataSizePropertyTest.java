package io.freshet.platform.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class DataSizePropertyTest {
  @Property(seed = "1")
  void readsBackWhatItPrints(@ForAll @LongRange(min = 0, max = 999_999_999_999_999_999L) long n) {
    assertEquals(new DataSize(n), DataSize.parse(new DataSize(n).toString()));
  }

  @Property(seed = "2")
  void knowsItsUnits(@ForAll @LongRange(min = 1, max = 8_000_000) long n) {
    assertEquals(n << 10, DataSize.parse(n + "KiB").bytes());
    assertEquals(n << 20, DataSize.parse(n + "MiB").bytes());
    assertEquals(n << 30, DataSize.parse(n + " GiB").bytes());
    assertEquals(n << 40, DataSize.parse(n + "TiB").bytes());
  }

  @Property(seed = "3")
  void refusesArbitraryText(@ForAll String text) {
    assertThrows(IllegalArgumentException.class, () -> DataSize.parse(text + "MB"));
  }
}
