package io.freshet.vision.hash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.vision.image.RgbImage;
import io.freshet.vision.testing.Goldens;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** The rows of {@code pdq/pdq.csv}: file, width, height, quality and eight hashes. */
class PdqGoldenTest {
  @Test
  void hashesEqualThoseOfThePublishedImplementation() throws Exception {
    Path table = Goldens.dir("pdq").resolve("pdq.csv");
    List<String> rows = Files.readAllLines(table);
    int compared = 0;
    for (String row : rows.subList(1, rows.size())) {
      String[] fields = row.split(",", -1);
      RgbImage image = image(table.getParent(), fields[0]);
      assertEquals(Integer.parseInt(fields[1]), image.width(), fields[0]);
      assertEquals(Integer.parseInt(fields[2]), image.height(), fields[0]);
      PdqHash[] hashes = PdqHash.dihedral(image);
      assertEquals(Integer.parseInt(fields[3]), hashes[0].quality(), fields[0]);
      assertEquals(
          Arrays.asList(fields).subList(4, 12),
          Arrays.stream(hashes).map(PdqHash::hex).toList(),
          fields[0]);
      assertEquals(hashes[0], PdqHash.of(image));
      compared++;
    }
    System.out.println("PDQ: " + compared + " images, 8 hashes each, identical");
    assertTrue(compared >= 1, "no rows in " + table);
  }

  /**
   * Read as the published tool reads: with the JDK, whose colour model bends grey pictures and
   * drops alpha. Our own decoder does neither, and what is compared here is the hash of given
   * pixels.
   */
  private static RgbImage image(Path goldens, String name) throws Exception {
    BufferedImage read = ImageIO.read(new ByteArrayInputStream(bytes(goldens, name)));
    int width = read.getWidth();
    byte[] rgb = new byte[RgbImage.sizeOf(width, read.getHeight())];
    for (int i = 0; i < rgb.length / 3; i++) {
      int pixel = read.getRGB(i % width, i / width);
      rgb[3 * i] = (byte) (pixel >> 16);
      rgb[3 * i + 1] = (byte) (pixel >> 8);
      rgb[3 * i + 2] = (byte) pixel;
    }
    return new RgbImage(width, read.getHeight(), rgb);
  }

  /** Beside the table, or among the pictures that the project ships. */
  private static byte[] bytes(Path goldens, String name) throws Exception {
    Path beside = goldens.resolve(name);
    if (Files.exists(beside)) {
      return Files.readAllBytes(beside);
    }
    return name.startsWith("data/")
        ? RealImages.fileBytes(name.substring("data/".length()))
        : RealImages.zipBytes("openclipart96.zip", name);
  }
}
