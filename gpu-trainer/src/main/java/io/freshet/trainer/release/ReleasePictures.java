package io.freshet.trainer.release;

import io.freshet.trainer.evaluate.measure.Classification;
import io.freshet.trainer.evaluate.plot.ConfusionPicture;
import io.freshet.trainer.evaluate.plot.PrecisionRecallPicture;
import io.freshet.trainer.evaluate.plot.VersionHistory;
import io.freshet.trainer.evaluate.plot.VersionPicture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Draws the pictures of a release into its directory, under {@code plots/}, as SVG. */
final class ReleasePictures {
  private static final String FOLDER = "plots";

  /** Bounds the release's size; the manifest has the numbers of all sets. */
  private static final int MAX_SETS = 8;

  /** More curves can't be told apart, and each is a point for each query. */
  private static final int MAX_CURVES = 100;

  private static final int MAX_NAME = 60;

  private final Path dir;
  private final List<Picture> pictures = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  private ReleasePictures(Path dir) {
    this.dir = dir;
  }

  /**
   * A picture that was drawn.
   *
   * @param file relative to the release
   * @param title what it shows; holds names from outside
   */
  record Picture(String file, String title) {}

  /** A program that draws into a file. */
  @FunctionalInterface
  private interface Drawing {
    void write(Path svg) throws IOException;
  }

  /**
   * @param dir the release's
   * @return what was drawn, in the order of the card
   */
  static List<Picture> draw(Path dir, ReleaseEvidence evidence) throws IOException {
    ReleasePictures drawn = new ReleasePictures(dir);
    Optional<VersionHistory> measured =
        evidence
            .versions()
            .filter(h -> h.versions().stream().anyMatch(version -> !version.metrics().isEmpty()));
    if (measured.isPresent()) {
      drawn.add(
          "versions",
          "what was measured of the versions until this one",
          svg -> VersionPicture.write(measured.orElseThrow(), svg));
    }
    for (Map.Entry<String, Classification> set :
        evidence.classifications().entrySet().stream().limit(MAX_SETS).toList()) {
      Classification of = set.getValue();
      drawn.add(
          "confusions-" + set.getKey(),
          set.getKey() + ": what was taken for what",
          svg -> ConfusionPicture.write(of, svg));
      if (of.curves().size() <= MAX_CURVES) {
        drawn.add(
            "precision-recall-" + set.getKey(),
            set.getKey() + ": precision over recall by class",
            svg -> PrecisionRecallPicture.write(of, svg));
      }
    }
    return List.copyOf(drawn.pictures);
  }

  private void add(String name, String title, Drawing drawing) throws IOException {
    Path folder = Files.createDirectories(dir.resolve(FOLDER));
    String file = fileName(name) + ".svg";
    drawing.write(folder.resolve(file));
    pictures.add(new Picture(FOLDER + "/" + file, title));
  }

  /** A name of the registry's format, no two alike. */
  private String fileName(String name) {
    String plain = name.replaceAll("[^A-Za-z0-9._-]", "-");
    String base = plain.substring(0, Math.min(MAX_NAME, plain.length()));
    String chosen = base;
    for (int i = 2; !names.add(chosen); i++) {
      chosen = base + "-" + i;
    }
    return chosen;
  }
}
