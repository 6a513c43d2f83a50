package io.freshet.trainer.evaluate.plot;

import io.freshet.trainer.evaluate.directory.LabelledFile;
import io.freshet.trainer.evaluate.directory.PreparedImages;
import io.freshet.trainer.evaluate.model.BackboneModel;
import io.freshet.trainer.evaluate.model.PatchTokens;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.model.Preprocessing;
import io.freshet.vision.pca.ComponentColours;
import io.freshet.vision.pca.PrincipalComponents;
import io.freshet.vision.transform.PilResize;
import io.freshet.vision.transform.Resampling;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Images above their patch tokens as colours: the first three principal components of the patches
 * of all of them are red, green and blue. Small crops are enlarged, so that there are at least 16 x
 * 16 patches.
 */
public final class PatchPicture {
  private static final int COLUMNS = 6;
  private static final int TILE = 160;
  private static final int LEAST_GRID = 16;

  private PatchPicture() {}

  /**
   * @param files a dozen; those that can't be read are left out
   */
  public static void write(BackboneModel model, List<LabelledFile> files, Path png)
      throws IOException {
    int side = Math.max(model.preprocessing().imageSize(), LEAST_GRID * model.patchSize());
    Preprocessing larger =
        new Preprocessing(side, side, model.preprocessing().mean(), model.preprocessing().std());
    List<RgbImage> crops =
        new PreparedImages<>(larger.transform()::pixels)
            .read(
                files.stream().map(LabelledFile::path).toList(),
                files.stream().map(LabelledFile::name).toList())
            .images();
    List<RgbImage> coloured = coloured(model.patchTokens(crops));
    int rows = (crops.size() + COLUMNS - 1) / COLUMNS;
    PictureGrid grid = new PictureGrid(Math.min(COLUMNS, crops.size()), 2 * rows, TILE);
    for (int i = 0; i < crops.size(); i++) {
      int row = 2 * (i / COLUMNS);
      grid.put(i % COLUMNS, row, scaled(crops.get(i), Resampling.BICUBIC));
      grid.put(i % COLUMNS, row + 1, enlarged(coloured.get(i)));
    }
    grid.write(png);
  }

  /** One pixel a patch. */
  private static List<RgbImage> coloured(List<PatchTokens> images) {
    List<float[]> patches = new ArrayList<>();
    for (PatchTokens image : images) {
      for (int at = 0; at < image.tokens().length; at += image.dim()) {
        patches.add(Arrays.copyOfRange(image.tokens(), at, at + image.dim()));
      }
    }
    PrincipalComponents components = PrincipalComponents.of(patches, ComponentColours.CHANNELS);
    byte[] colours =
        ComponentColours.of(patches.stream().map(components::coordinates).toArray(double[][]::new));
    int perImage = 3 * images.get(0).rows() * images.get(0).columns();
    return IntStream.range(0, images.size())
        .mapToObj(
            i ->
                new RgbImage(
                    images.get(i).columns(),
                    images.get(i).rows(),
                    Arrays.copyOfRange(colours, i * perImage, (i + 1) * perImage)))
        .toList();
  }

  private static RgbImage scaled(RgbImage image, Resampling filter) {
    return PilResize.resize(image, TILE, TILE, filter);
  }

  /** Each pixel as a block. */
  private static RgbImage enlarged(RgbImage small) {
    byte[] rgb = new byte[RgbImage.sizeOf(TILE, TILE)];
    for (int pixel = 0; pixel < TILE * TILE; pixel++) {
      int x = pixel % TILE * small.width() / TILE;
      int y = pixel / TILE * small.height() / TILE;
      System.arraycopy(small.rgb(), 3 * (y * small.width() + x), rgb, 3 * pixel, 3);
    }
    return new RgbImage(TILE, TILE, rgb);
  }
}
