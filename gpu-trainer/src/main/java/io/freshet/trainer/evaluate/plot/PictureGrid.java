package io.freshet.trainer.evaluate.plot;

import io.freshet.vision.image.AwtImage;
import io.freshet.vision.image.RgbImage;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Square tiles in rows and columns on a dark ground. One thread at a time. */
final class PictureGrid {
  private static final Color GROUND = new Color(0x16, 0x18, 0x1d);
  private static final int GAP = 12;
  private static final int FRAME = 3;

  private final int tile;
  private final BufferedImage picture;
  private final Graphics2D graphics;

  /**
   * @param tile pixels of a side
   */
  PictureGrid(int columns, int rows, int tile) {
    this.tile = tile;
    this.picture =
        new BufferedImage(
            columns * (tile + GAP) + GAP, rows * (tile + GAP) + GAP, BufferedImage.TYPE_INT_RGB);
    this.graphics = picture.createGraphics();
    graphics.setColor(GROUND);
    graphics.fillRect(0, 0, picture.getWidth(), picture.getHeight());
  }

  /** Draws an image into a tile, in the middle when it is smaller. */
  void put(int column, int row, RgbImage image) {
    BufferedImage drawn = AwtImage.of(image);
    graphics.drawImage(
        drawn,
        left(column) + (tile - drawn.getWidth()) / 2,
        left(row) + (tile - drawn.getHeight()) / 2,
        null);
  }

  /** Frames a tile. */
  void frame(int column, int row, Color colour) {
    graphics.setColor(colour);
    for (int i = 0; i < FRAME; i++) {
      graphics.drawRect(
          left(column) - 1 - i, left(row) - 1 - i, tile + 1 + 2 * i, tile + 1 + 2 * i);
    }
  }

  private int left(int position) {
    return GAP + position * (tile + GAP);
  }

  void write(Path png) throws IOException {
    graphics.dispose();
    ImageIO.write(picture, "png", png.toFile());
  }
}
