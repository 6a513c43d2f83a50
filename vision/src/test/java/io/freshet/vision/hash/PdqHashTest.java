package io.freshet.vision.hash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.vision.image.RgbImage;
import io.freshet.vision.transform.PilResize;
import io.freshet.vision.transform.Resampling;
import org.junit.jupiter.api.Test;

class PdqHashTest {
  @Test
  void findsAResizedCopyAndNotAnotherPhotograph() throws Exception {
    RgbImage astronaut = RealImages.file("faces/astronaut.png");
    PdqHash original = PdqHash.of(astronaut);
    PdqHash copy = PdqHash.of(PilResize.resize(astronaut, 300, 280, Resampling.BICUBIC));
    PdqHash other = PdqHash.of(RealImages.file("faces/noface_coffee.jpg"));
    assertTrue(original.hammingDistance(copy) <= PdqHash.MATCH_DISTANCE);
    assertTrue(original.hammingDistance(other) > 90);
  }

  @Test
  void knowsAMirroredCopyByOneOfItsEightHashes() throws Exception {
    RgbImage image = RealImages.file("faces/noface_rocket.jpg");
    PdqHash mirrored = PdqHash.of(mirror(image));
    int nearest = 256;
    for (PdqHash turned : PdqHash.dihedral(image)) {
      nearest = Math.min(nearest, turned.hammingDistance(mirrored));
    }
    assertTrue(nearest <= 10, "nearest of eight at " + nearest);
    assertTrue(PdqHash.of(image).hammingDistance(mirrored) > 90);
  }

  @Test
  void hashesTheSmallestAndTheEmptiestPictures() {
    for (int[] size : new int[][] {{1, 1}, {1, 500}, {500, 1}, {3, 2}}) {
      byte[] rgb = new byte[RgbImage.sizeOf(size[0], size[1])];
      assertEquals(0, PdqHash.of(new RgbImage(size[0], size[1], rgb)).quality());
    }
  }

  @Test
  void readsWhatItWrites() {
    String hex = "2d6b1af3a956c529e79ca3d2526fa834d4196c81cedd04de0a26b855fc99b724";
    assertEquals(hex, PdqHash.parse(hex, 100).hex());
    assertThrows(IllegalArgumentException.class, () -> PdqHash.parse("00", 100));
    assertThrows(IllegalArgumentException.class, () -> PdqHash.parse(hex, 101));
  }

  static RgbImage mirror(RgbImage image) {
    byte[] out = new byte[image.rgb().length];
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        int from = 3 * (y * image.width() + x);
        int to = 3 * (y * image.width() + image.width() - 1 - x);
        System.arraycopy(image.rgb(), from, out, to, 3);
      }
    }
    return new RgbImage(image.width(), image.height(), out);
  }
}
