package io.freshet.curator.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class EvenSharesPropertyTest {
  @Property(tries = 500)
  void equalsGivingOneAfterTheOther(
      @ForAll @IntRange(max = 60) int total,
      @ForAll @Size(max = 8) List<@IntRange(max = 12) Integer> sizes) {
    int[] supply = sizes.stream().mapToInt(Integer::intValue).toArray();
    assertArrayEquals(roundRobin(total, supply), EvenShares.of(total, supply));
  }

  private static int[] roundRobin(int total, int[] supply) {
    int[] shares = new int[supply.length];
    int left = total;
    boolean given = true;
    while (given) {
      given = false;
      for (int i = 0; i < supply.length && left > 0; i++) {
        if (shares[i] < supply[i]) {
          shares[i]++;
          left--;
          given = true;
        }
      }
    }
    return shares;
  }
}
