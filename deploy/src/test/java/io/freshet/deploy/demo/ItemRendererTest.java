package io.freshet.deploy.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.deploy.demo.CrawlItem.Alteration;
import io.freshet.deploy.demo.CrawlItem.Picture;
import io.freshet.deploy.demo.DemoImages.PhotoSquare;
import io.freshet.deploy.demo.DemoImages.Split;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ItemRendererTest {
  private static final Picture SQUARE =
      new CrawlItem.Square(new PhotoSquare("coffee.jpg", Split.TRAIN, 20, 30, 128));

  private static DemoImages images;
  private static ItemRenderer renderer;

  @BeforeAll
  static void open() {
    images = DemoImages.open(Path.of("data"));
    renderer = new ItemRenderer(images);
  }

  @AfterAll
  static void close() {
    images.close();
  }

  @Test
  void sendsTheSameBytesEachTime() {
    assertArrayEquals(body(SQUARE), body(SQUARE));
    assertArrayEquals(body(SQUARE), body(new CrawlItem.Copy(SQUARE, Alteration.SAME_BYTES)));
  }

  @Test
  void altersCopiesAsNamed() throws IOException {
    BufferedImage original = decoded(SQUARE);
    assertEquals(128, original.getWidth());
    assertEquals(96, decoded(new CrawlItem.Copy(SQUARE, Alteration.RESIZED)).getWidth());

    BufferedImage mirrored = decoded(new CrawlItem.Copy(SQUARE, Alteration.MIRRORED));
    assertTrue(meanDifference(original, mirrored, true) < 6, "mirrored back it is the original");
    assertTrue(meanDifference(original, mirrored, false) > 12, "as it is it isn't");

    byte[] encodedAgain = body(new CrawlItem.Copy(SQUARE, Alteration.RE_ENCODED));
    assertTrue(encodedAgain.length < body(SQUARE).length * 3 / 4);
  }

  @Test
  void breaksWhatIsMeantToBeBroken() {
    byte[] whole = body(SQUARE);
    byte[] cut = body(new CrawlItem.Truncated(SQUARE));
    assertArrayEquals(Arrays.copyOf(whole, cut.length), cut);
    assertTrue(cut.length < whole.length);
    assertTrue(
        new String(body(new CrawlItem.HtmlAsJpeg()), StandardCharsets.UTF_8)
            .startsWith("<!doctype html>"));
    assertTrue(renderer.render(new CrawlItem.Missing()).isEmpty());
  }

  private static byte[] body(CrawlItem item) {
    return renderer.render(item).orElseThrow().body();
  }

  private static BufferedImage decoded(CrawlItem item) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(body(item)));
  }

  private static double meanDifference(BufferedImage a, BufferedImage b, boolean mirror) {
    long sum = 0;
    int side = a.getWidth();
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        int p = a.getRGB(x, y) >> 8 & 0xff;
        int q = b.getRGB(mirror ? side - 1 - x : x, y) >> 8 & 0xff;
        sum += Math.abs(p - q);
      }
    }
    return (double) sum / (side * side);
  }
}
