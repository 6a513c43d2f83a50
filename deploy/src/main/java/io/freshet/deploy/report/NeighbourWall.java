package io.freshet.deploy.report;

import io.freshet.schemas.SeedImage;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.image.RgbImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** The nearest labelled images of a few queries, for two models side by side. */
final class NeighbourWall {
  private static final int NEIGHBOURS = 5;
  private static final int BATCH = 32;

  private final Thumbnails thumbnails;

  NeighbourWall(Thumbnails thumbnails) {
    this.thumbnails = thumbnails;
  }

  /** A neighbour; {@code same} when its label is the query's. */
  record Hit(String image, String label, boolean same) {}

  /** A query with its neighbours before and after training. */
  record Line(String query, String label, List<Hit> before, List<Hit> after) {}

  private record Labelled(RgbImage image, String label) {}

  /**
   * @param queries drawn from at random, {@code lines} of them
   */
  List<Line> lines(
      List<SeedImage> bank,
      List<SeedImage> queries,
      int lines,
      ImageEmbedder before,
      ImageEmbedder after) {
    List<Labelled> labelled = pixels(bank);
    List<SeedImage> drawn = new ArrayList<>(queries);
    drawn.sort(Comparator.comparing(SeedImage::getFile));
    Collections.shuffle(drawn, new Random(7));
    List<Labelled> asked = pixels(drawn.subList(0, Math.min(lines, drawn.size())));

    List<List<Hit>> untrained = neighbours(asked, labelled, before);
    List<List<Hit>> trained = neighbours(asked, labelled, after);
    return IntStream.range(0, asked.size())
        .mapToObj(
            i ->
                new Line(
                    Thumbnails.dataUri(asked.get(i).image()),
                    asked.get(i).label(),
                    untrained.get(i),
                    trained.get(i)))
        .toList();
  }

  private List<Labelled> pixels(List<SeedImage> seeds) {
    List<Labelled> images = new ArrayList<>();
    for (SeedImage seed : seeds) {
      thumbnails
          .pixels(seed.getBlob())
          .ifPresent(image -> images.add(new Labelled(image, seed.getLabel())));
    }
    return images;
  }

  private static List<List<Hit>> neighbours(
      List<Labelled> queries, List<Labelled> bank, ImageEmbedder embedder) {
    List<float[]> bankVectors = embed(bank, embedder);
    List<float[]> queryVectors = embed(queries, embedder);
    List<List<Hit>> all = new ArrayList<>();
    for (int q = 0; q < queries.size(); q++) {
      float[] query = queryVectors.get(q);
      String label = queries.get(q).label();
      all.add(
          IntStream.range(0, bank.size())
              .boxed()
              .sorted(Comparator.comparingDouble(i -> -dot(query, bankVectors.get(i))))
              .limit(NEIGHBOURS)
              .map(bank::get)
              .map(
                  hit ->
                      new Hit(
                          Thumbnails.dataUri(hit.image()), hit.label(), hit.label().equals(label)))
              .toList());
    }
    return all;
  }

  private static List<float[]> embed(List<Labelled> images, ImageEmbedder embedder) {
    List<float[]> vectors = new ArrayList<>();
    for (int from = 0; from < images.size(); from += BATCH) {
      List<RgbImage> batch =
          images.subList(from, Math.min(from + BATCH, images.size())).stream()
              .map(Labelled::image)
              .toList();
      vectors.addAll(List.of(embedder.embed(batch)));
    }
    return vectors;
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
