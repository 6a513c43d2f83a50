package io.freshet.dedup.screen;

import static io.freshet.dedup.testing.Requests.imageId;
import static io.freshet.dedup.testing.Requests.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.hash.Codes;
import io.freshet.dedup.hash.Dihedral;
import io.freshet.dedup.hash.HashIndex;
import io.freshet.dedup.screen.Screened.Copy;
import io.freshet.dedup.screen.Screened.Fresh;
import io.freshet.dedup.state.ImageIds;
import io.freshet.dedup.testing.MapTable;
import io.freshet.schemas.DuplicateMethod;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ScreeningTest {
  private final Random random = new Random(11);
  private final BitCode hash = Codes.random(random);
  private final Screening screening =
      new Screening(
          new MapTable<>(),
          new ImageIds(new MapTable<>()),
          new HashIndex(new MapTable<>(), 31),
          50);

  @Test
  void theSameImageAgainIsAnExactCopyOfTheFirst() {
    assertInstanceOf(Fresh.class, screening.screen(request(1, imageId(1), hash, 90)));
    for (int again = 2; again < 5; again++) {
      Copy copy = copy(screening.screen(request(again, imageId(1), hash, 90)));
      assertEquals(DuplicateMethod.EXACT, copy.method());
      assertEquals(imageId(1), copy.of());
    }
  }

  @Test
  void aMirroredReencodedCopyIsACopyByHash() {
    screening.screen(request(1, imageId(1), hash, 50));
    BitCode mirrored = Codes.flipEvenly(Dihedral.variants(hash)[6], 31, random);
    Copy copy = copy(screening.screen(request(2, imageId(2), mirrored, 50)));
    assertEquals(DuplicateMethod.HASH, copy.method());
    assertEquals(imageId(1), copy.of());
    assertEquals(31, copy.score());
  }

  @Test
  void thirtyTwoBitsAreTooMany() {
    screening.screen(request(1, imageId(1), hash, 50));
    BitCode other = Codes.flipEvenly(hash, 32, random);
    assertInstanceOf(Fresh.class, screening.screen(request(2, imageId(2), other, 50)));
  }

  @Test
  void hashesOfPoorQualityAreNotCompared() {
    screening.screen(request(1, imageId(1), hash, 49));
    assertInstanceOf(Fresh.class, screening.screen(request(2, imageId(2), hash, 90)));
    assertInstanceOf(Fresh.class, screening.screen(request(3, imageId(3), hash, 49)));
  }

  @Test
  void aCopyByHashIsItselfFoundByLaterImages() {
    screening.screen(request(1, imageId(1), hash, 90));
    BitCode near = Codes.flipAnywhere(hash, 25, random);
    screening.screen(request(2, imageId(2), near, 90));
    Copy copy = copy(screening.screen(request(3, imageId(3), near, 90)));
    assertEquals(imageId(2), copy.of());
    assertEquals(0, copy.score());
  }

  private static Copy copy(Screened screened) {
    return assertInstanceOf(Copy.class, screened);
  }
}
