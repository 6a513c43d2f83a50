package io.freshet.trainer.evaluate.plot;

import io.freshet.trainer.evaluate.directory.LabelledFile;
import io.freshet.trainer.evaluate.directory.PreparedImages;
import io.freshet.trainer.evaluate.measure.Classification.Neighbours;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.transform.PilResize;
import io.freshet.vision.transform.Resampling;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A wall of queries, framed white, each before its nearest images: framed green where they are of
 * the query's class, red where not.
 */
public final class NeighbourPicture {
  private static final int TILE = 112;
  private static final Color QUERY = new Color(0xf2, 0xf2, 0xf2);
  private static final Color SAME = new Color(0x2e, 0xb8, 0x72);
  private static final Color OTHER = new Color(0xe5, 0x48, 0x4d);

  private NeighbourPicture() {}

  /** Images that can't be read any more leave their tile empty. */
  public static void write(List<Neighbours> queries, Path png) throws IOException {
    int columns = 1 + queries.stream().mapToInt(q -> q.nearest().size()).max().orElse(0);
    PictureGrid grid = new PictureGrid(columns, queries.size(), TILE);
    PreparedImages<RgbImage> images = new PreparedImages<>(NeighbourPicture::fitted);
    for (int row = 0; row < queries.size(); row++) {
      Neighbours line = queries.get(row);
      put(grid, images, 0, row, line.query(), QUERY);
      for (int i = 0; i < line.nearest().size(); i++) {
        LabelledFile near = line.nearest().get(i);
        boolean same = near.label().equals(line.query().label());
        put(grid, images, i + 1, row, near, same ? SAME : OTHER);
      }
    }
    grid.write(png);
  }

  private static void put(
      PictureGrid grid,
      PreparedImages<RgbImage> images,
      int column,
      int row,
      LabelledFile file,
      Color frame) {
    images
        .read(List.of(file.path()), List.of(file.name()))
        .images()
        .forEach(image -> grid.put(column, row, image));
    grid.frame(column, row, frame);
  }

  /** The longer side becomes a tile's. */
  private static RgbImage fitted(RgbImage image) {
    double scale = (double) TILE / Math.max(image.width(), image.height());
    return PilResize.resize(
        image,
        Math.max(1, (int) Math.round(image.width() * scale)),
        Math.max(1, (int) Math.round(image.height() * scale)),
        Resampling.BICUBIC);
  }
}
