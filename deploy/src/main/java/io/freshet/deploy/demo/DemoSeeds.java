package io.freshet.deploy.demo;

import io.freshet.deploy.demo.DemoImages.DrawingLabel;
import io.freshet.deploy.demo.DemoImages.PhotoSquare;
import io.freshet.deploy.demo.DemoImages.Split;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The curated pictures of the demo: the first {@code perClass} training squares of each photograph
 * and training drawings of each category. They attract images and are not part of the crawl.
 */
public final class DemoSeeds {
  private final List<PhotoSquare> photoSquares;
  private final Map<String, DrawingLabel> drawings;

  public DemoSeeds(DemoImages images, int perClass) {
    this.photoSquares = firstOfEach(images, perClass);
    this.drawings = new TreeMap<>();
    Map<String, Integer> taken = new HashMap<>();
    new TreeMap<>(images.labelledDrawings())
        .forEach(
            (file, label) -> {
              if (label.split() == Split.TRAIN
                  && taken.merge(label.category(), 1, Integer::sum) <= perClass) {
                drawings.put(file, label);
              }
            });
  }

  public List<PhotoSquare> photoSquares() {
    return photoSquares;
  }

  public List<String> drawingFiles() {
    return List.copyOf(drawings.keySet());
  }

  public Map<String, DrawingLabel> drawings() {
    return Map.copyOf(drawings);
  }

  private static List<PhotoSquare> firstOfEach(DemoImages images, int perClass) {
    Map<String, Integer> taken = new HashMap<>();
    List<PhotoSquare> first = new ArrayList<>();
    for (PhotoSquare square : images.squares(Split.TRAIN)) {
      if (taken.merge(square.photo(), 1, Integer::sum) <= perClass) {
        first.add(square);
      }
    }
    return List.copyOf(first);
  }
}
