package io.freshet.dedup;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.dedup.embed.PixelHash;
import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.hash.Dihedral;
import io.freshet.dedup.similarity.UnitVectors;
import io.freshet.dedup.testing.PhotoSquares;
import io.freshet.dedup.testing.PhotoSquares.Square;
import io.freshet.dedup.testing.Pictures;
import io.freshet.platform.config.Config;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.hash.PdqHash;
import io.freshet.vision.image.RgbImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * That the default threshold of the bundled embedder merges no two photographs: cosines of copies
 * and of different pictures, over the photographs and drawings that the project ships. Prints what
 * it saw; docs/adr/0004 has the figures of {@code freshet bench dedup --quality}.
 */
@Tag("slow")
class CopyThresholdTest {
  private static final double[] THRESHOLDS = {0.90, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99};

  private static final Map<String, UnaryOperator<RgbImage>> TRANSFORMS = transforms();

  @Test
  void theDefaultMergesNoTwoPhotographs() {
    double threshold =
        Config.defaults().section("dedup", DedupConfig.class).embedding().threshold();
    try (ImageEmbedder embedder = ImageEmbedders.bootstrap()) {
      List<Square> squares = PhotoSquares.load(Integer.getInteger("squares", 20));
      List<float[]> vectors = embed(embedder, squares.stream().map(Square::image).toList());
      printCopies("photo squares", embedder, squares.stream().map(Square::image).toList(), vectors);

      List<Double> different = new ArrayList<>();
      List<Double> apart = new ArrayList<>();
      List<Double> overlapping = new ArrayList<>();
      for (int i = 0; i < squares.size(); i++) {
        for (int j = 0; j < i; j++) {
          double cosine = UnitVectors.dot(vectors.get(i), vectors.get(j));
          Square a = squares.get(i);
          Square b = squares.get(j);
          if (!a.photo().equals(b.photo())) {
            different.add(cosine);
          } else {
            (a.overlap(b) == 0 ? apart : overlapping).add(cosine);
          }
        }
      }
      print("squares of different photos", different);
      print("squares of one photo that share no pixel", apart);
      print("squares of one photo that overlap", overlapping);

      List<RgbImage> drawings = PhotoSquares.drawings(Integer.getInteger("drawings", 4));
      List<float[]> drawn = embed(embedder, drawings);
      printCopies("drawings", embedder, drawings, drawn);
      List<Double> differentDrawings = new ArrayList<>();
      for (int i = 0; i < drawn.size(); i++) {
        for (int j = 0; j < i; j++) {
          differentDrawings.add(UnitVectors.dot(drawn.get(i), drawn.get(j)));
        }
      }
      print("pairs of drawings", differentDrawings);

      long merged = different.stream().filter(cosine -> cosine > threshold).count();
      assertTrue(
          merged <= different.size() / 100_000,
          "%d of %d pairs of different photos lie above %s"
              .formatted(merged, different.size(), threshold));
    }
  }

  private static void printCopies(
      String what, ImageEmbedder embedder, List<RgbImage> images, List<float[]> vectors) {
    TRANSFORMS.forEach(
        (name, transform) -> {
          List<RgbImage> copies = images.stream().map(transform).toList();
          List<float[]> copied = embed(embedder, copies);
          List<Double> cosines = new ArrayList<>();
          List<Boolean> hashCopies = new ArrayList<>();
          int byHash = 0;
          int byPixels = 0;
          for (int i = 0; i < images.size(); i++) {
            cosines.add(UnitVectors.dot(vectors.get(i), copied.get(i)));
            boolean ingested = isHashCopy(images.get(i), copies.get(i));
            boolean pixels = isPixelCopy(images.get(i), copies.get(i));
            byHash += ingested ? 1 : 0;
            byPixels += pixels ? 1 : 0;
            hashCopies.add(ingested || pixels);
          }
          System.out.printf(
              "%s, %s: by hash %.3f as ingested, %.3f by pixels; above the cosine or by hash:",
              what, name, (double) byHash / images.size(), (double) byPixels / images.size());
          for (double threshold : THRESHOLDS) {
            System.out.printf(" %.2f %.3f", threshold, told(hashCopies, cosines, threshold));
          }
          System.out.println();
          print(what + ", " + name, cosines);
        });
  }

  private static double told(List<Boolean> hashCopies, List<Double> cosines, double threshold) {
    int told = 0;
    for (int i = 0; i < cosines.size(); i++) {
      told += hashCopies.get(i) || cosines.get(i) > threshold ? 1 : 0;
    }
    return (double) told / cosines.size();
  }

  private static boolean isPixelCopy(RgbImage original, RgbImage copy) {
    PixelHash stored = PixelHash.all(original).get(0);
    PixelHash asked = PixelHash.all(copy).get(0);
    BitCode code = BitCode.of(stored.upright());
    return Math.min(stored.quality(), asked.quality()) > 49
        && Math.min(
                Dihedral.distance(BitCode.of(asked.upright()), code),
                Dihedral.distance(BitCode.of(asked.mirrored()), code))
            <= 31;
  }

  private static boolean isHashCopy(RgbImage a, RgbImage b) {
    PdqHash x = PdqHash.of(a);
    PdqHash y = PdqHash.of(b);
    return x.quality() > 49
        && y.quality() > 49
        && Dihedral.distance(BitCode.of(x.bits()), BitCode.of(y.bits())) <= 31;
  }

  private static void print(String what, List<Double> cosines) {
    double[] sorted = cosines.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    StringBuilder line = new StringBuilder();
    for (double quantile : new double[] {0, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 1}) {
      line.append(" %.4f".formatted(sorted[(int) Math.round(quantile * (sorted.length - 1))]));
    }
    line.append(" | above:");
    for (double threshold : THRESHOLDS) {
      long above = Arrays.stream(sorted).filter(cosine -> cosine > threshold).count();
      line.append(" %.2f %.5f".formatted(threshold, (double) above / sorted.length));
    }
    System.out.printf("%s (%d):%s%n", what, sorted.length, line);
  }

  private static List<float[]> embed(ImageEmbedder embedder, List<RgbImage> images) {
    List<float[]> vectors = new ArrayList<>();
    for (int i = 0; i < images.size(); i += 16) {
      vectors.addAll(List.of(embedder.embed(images.subList(i, Math.min(images.size(), i + 16)))));
    }
    return vectors;
  }

  private static Map<String, UnaryOperator<RgbImage>> transforms() {
    Map<String, UnaryOperator<RgbImage>> transforms = new LinkedHashMap<>();
    transforms.put("JPEG 50", image -> Pictures.jpeg(image, 0.5f));
    transforms.put("half size", Pictures::half);
    transforms.put("mirrored", Pictures::mirrored);
    transforms.put("brightness 1.2", image -> Pictures.brightened(image, 1.2));
    transforms.put("crop 90", image -> Pictures.cropped(image, 0.9));
    return transforms;
  }
}
