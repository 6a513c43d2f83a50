package io.freshet.deploy.demo;

import io.freshet.curator.seeds.SeedFile;
import io.freshet.curator.seeds.SeedRegistrar;
import io.freshet.curator.seeds.SeedRegistrar.Outcome;
import io.freshet.deploy.demo.DemoImages.PhotoSquare;
import io.freshet.deploy.demo.DemoImages.Split;
import io.freshet.schemas.SeedRole;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/**
 * Registers the demo's two curated datasets, each as SEED and as EVALUATION: {@code photos}, whose
 * label is the photograph a square was cut from, and {@code drawings}, whose label is the category.
 *
 * <p>An evaluation's bank are the training squares and drawings with their labels, its queries are
 * those of the other split, which no part of the crawl shows.
 */
final class DemoDatasets {
  static final String PHOTOS = "photos";
  static final String DRAWINGS = "drawings";

  private final DemoImages images;
  private final DemoSeeds seeds;

  DemoDatasets(DemoImages images, DemoSeeds seeds) {
    this.images = images;
    this.seeds = seeds;
  }

  /** Number of images that {@link #register} brings in. */
  int size() {
    return seeds.photoSquares().size()
        + seeds.drawingFiles().size()
        + images.squares(Split.TRAIN).size()
        + images.squares(Split.EVAL).size()
        + images.labelledDrawings().size();
  }

  /**
   * @throws IllegalStateException when an image of the archives is refused
   */
  void register(SeedRegistrar registrar) {
    require(
        registrar.register(
            PHOTOS,
            SeedRole.SEED,
            seeds.photoSquares().stream().map(square -> photo(square, Optional.empty()))));
    require(
        registrar.register(
            DRAWINGS,
            SeedRole.SEED,
            seeds.drawings().entrySet().stream()
                .map(e -> drawing(e.getKey(), e.getValue().category(), Optional.empty()))));
    require(
        registrar.register(
            PHOTOS,
            SeedRole.EVALUATION,
            Stream.of(Split.values())
                .flatMap(split -> images.squares(split).stream())
                .map(square -> photo(square, Optional.of(part(square.split()))))));
    require(
        registrar.register(
            DRAWINGS,
            SeedRole.EVALUATION,
            images.labelledDrawings().entrySet().stream()
                .map(
                    e ->
                        drawing(
                            e.getKey(),
                            e.getValue().category(),
                            Optional.of(part(e.getValue().split()))))));
  }

  private static void require(Outcome outcome) {
    if (!outcome.refused().isEmpty()) {
      throw new IllegalStateException("seeds were refused: " + outcome.refused());
    }
  }

  private static String part(Split split) {
    return switch (split) {
      case TRAIN -> "bank";
      case EVAL -> "query";
    };
  }

  private SeedFile photo(PhotoSquare square, Optional<String> part) {
    String name =
        "%s/%s-%d-%d-%d.png"
            .formatted(
                square.split().name().toLowerCase(Locale.ROOT),
                square.photo(),
                square.x(),
                square.y(),
                square.side());
    return new SeedFile(name, square.photo(), part, () -> png(images.cut(square)));
  }

  private SeedFile drawing(String file, String category, Optional<String> part) {
    return new SeedFile(file, category, part, () -> images.drawing(file));
  }

  private static byte[] png(BufferedImage image) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(64 << 10);
    try {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
