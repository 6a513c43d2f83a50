package io.freshet.vision.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.vision.image.AwtImage;
import io.freshet.vision.image.RgbImage;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class PlainBorderTest {
  private static final RgbImage PICTURE = noise(120, 80);

  @Test
  void paddingIsTakenOff() {
    RgbImage padded = on(canvas(200, 120, Color.WHITE), 30, 20);
    assertEquals(Optional.of(new Crop(20, 30, 80, 120)), PlainBorder.inside(padded));
  }

  @Test
  void barsAboveAndBelowAreTakenOff() {
    RgbImage letterbox = on(canvas(120, 140, Color.BLACK), 0, 30);
    assertEquals(Optional.of(new Crop(30, 0, 80, 120)), PlainBorder.inside(letterbox));
  }

  @Test
  void linesMayHaveShadesOfTheirOwn() {
    BufferedImage window = canvas(140, 120, Color.LIGHT_GRAY);
    fill(window, Color.DARK_GRAY, 0, 0, 140, 16);
    fill(window, Color.BLUE, 8, 22, 124, 84);
    assertEquals(Optional.of(new Crop(24, 10, 80, 120)), PlainBorder.inside(on(window, 10, 24)));
  }

  @Test
  void whatJpegLeavesOfAPlainLineIsPlain() throws IOException {
    BufferedImage padded = AwtImage.of(on(canvas(200, 120, Color.WHITE), 30, 20));
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    ImageIO.write(padded, "jpeg", jpeg);
    RgbImage copy = AwtImage.rgb(ImageIO.read(new ByteArrayInputStream(jpeg.toByteArray())));
    Crop inside = PlainBorder.inside(copy).orElseThrow();
    // To the borders of the blocks of 16 pixels that hold the picture's.
    assertTrue(
        inside.left() >= 16
            && inside.left() <= 30
            && inside.top() >= 16
            && inside.top() <= 20
            && inside.width() <= 160 - 16
            && inside.height() <= 112 - 16,
        inside.toString());
  }

  @Test
  void aPictureWithoutABorderHasNoInside() {
    assertEquals(Optional.empty(), PlainBorder.inside(PICTURE));
  }

  @Test
  void aLineAtTheEdgeIsNoBorder() {
    assertEquals(Optional.empty(), PlainBorder.inside(on(canvas(121, 81, Color.WHITE), 0, 0)));
  }

  @Test
  void aSmallThingOnAGroundIsNoPictureInABorder() {
    assertEquals(Optional.empty(), PlainBorder.inside(on(canvas(500, 300, Color.WHITE), 100, 100)));
  }

  @Test
  void nothingLiesInsideAPlainPicture() {
    assertEquals(Optional.empty(), PlainBorder.inside(AwtImage.rgb(canvas(64, 48, Color.ORANGE))));
    assertEquals(Optional.empty(), PlainBorder.inside(AwtImage.rgb(canvas(1, 1, Color.ORANGE))));
  }

  private static RgbImage on(BufferedImage ground, int left, int top) {
    Graphics2D graphics = ground.createGraphics();
    graphics.drawImage(AwtImage.of(PICTURE), left, top, null);
    graphics.dispose();
    return AwtImage.rgb(ground);
  }

  private static BufferedImage canvas(int width, int height, Color colour) {
    BufferedImage canvas = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    fill(canvas, colour, 0, 0, width, height);
    return canvas;
  }

  private static void fill(
      BufferedImage canvas, Color colour, int left, int top, int width, int height) {
    Graphics2D graphics = canvas.createGraphics();
    graphics.setColor(colour);
    graphics.fillRect(left, top, width, height);
    graphics.dispose();
  }

  private static RgbImage noise(int width, int height) {
    byte[] rgb = new byte[RgbImage.sizeOf(width, height)];
    new Random(1).nextBytes(rgb);
    return new RgbImage(width, height, rgb);
  }
}
