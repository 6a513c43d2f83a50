package io.freshet.deploy.bench;

import io.freshet.deploy.demo.DemoImages;
import io.freshet.deploy.demo.DemoImages.DrawingLabel;
import io.freshet.deploy.demo.DemoImages.PhotoSquare;
import io.freshet.deploy.demo.DemoImages.Split;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Sha256;
import io.freshet.trainer.evaluate.EvaluationConfig;
import io.freshet.trainer.evaluate.EvaluationImage;
import io.freshet.trainer.evaluate.EvaluationSet;
import io.freshet.trainer.evaluate.RawPixels;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.transform.EvalTransform;
import io.freshet.vision.transform.PilResize;
import io.freshet.vision.transform.Resampling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A labelled data set in memory: what is learned from, without labels, and the evaluation whose
 * bank are the same images with their labels and whose queries are the images of the other split.
 */
record QualityData(List<RgbImage> train, EvaluationSet evaluation) {
  static final String PHOTOS = "photos";
  static final String DRAWINGS = "drawings";

  /** The images lie in memory and have no place in a blob store. */
  private static final BlobRef NO_BLOB = new BlobRef("memory", 0L, 0, new Sha256(new byte[32]));

  QualityData {
    train = List.copyOf(train);
  }

  /** An image and the name of its class. */
  private record Labelled(RgbImage image, String label) {}

  /** Squares of 33 photographs, each half of a photograph one split; label = the photograph. */
  static QualityData photos(DemoImages images, EvaluationConfig config) {
    Map<Split, List<Labelled>> splits = emptySplits();
    for (Split split : Split.values()) {
      for (PhotoSquare square : images.squares(split)) {
        splits.get(split).add(new Labelled(BenchImages.square(images, square), square.photo()));
      }
    }
    return of(PHOTOS, splits, config);
  }

  /** Drawings of nine categories, in the archive's order. */
  static QualityData drawings(DemoImages images, EvaluationConfig config) {
    Map<Split, List<Labelled>> splits = emptySplits();
    new TreeMap<>(images.labelledDrawings())
        .forEach(
            (String file, DrawingLabel label) ->
                splits
                    .get(label.split())
                    .add(new Labelled(BenchImages.drawing(images, file), label.category())));
    return of(DRAWINGS, splits, config);
  }

  private static Map<Split, List<Labelled>> emptySplits() {
    return Map.of(Split.TRAIN, new ArrayList<>(), Split.EVAL, new ArrayList<>());
  }

  private static QualityData of(
      String dataset, Map<Split, List<Labelled>> splits, EvaluationConfig config) {
    List<String> classes =
        List.copyOf(new TreeSet<>(splits.get(Split.TRAIN).stream().map(Labelled::label).toList()));
    EvalTransform transform = config.preprocessing().transform();
    Map<Split, List<EvaluationImage>> evaluated = new TreeMap<>();
    splits.forEach(
        (split, members) ->
            evaluated.put(
                split,
                members.stream()
                    .map(
                        member ->
                            new EvaluationImage(
                                NO_BLOB,
                                classes.indexOf(member.label()),
                                transform.pixels(member.image()),
                                PilResize.resize(
                                    member.image(),
                                    RawPixels.SIDE,
                                    RawPixels.SIDE,
                                    Resampling.BICUBIC)))
                    .toList()));
    return new QualityData(
        splits.get(Split.TRAIN).stream().map(Labelled::image).toList(),
        new EvaluationSet(dataset, classes, evaluated.get(Split.TRAIN), evaluated.get(Split.EVAL)));
  }
}
