package io.freshet.dedup.similarity;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Compares with every founder, one by one: the oracle of other searches. */
public final class ScannedFounders implements FounderSearch {
  private final List<float[]> founders = new ArrayList<>();

  @Override
  public void add(List<float[]> more) {
    founders.addAll(more);
  }

  @Override
  public List<NearestCells> nearest(List<float[]> vectors, int most) {
    return vectors.stream().map(vector -> nearest(vector, most)).toList();
  }

  private NearestCells nearest(float[] vector, int most) {
    float[] cosines = new float[founders.size()];
    for (int i = 0; i < cosines.length; i++) {
      cosines[i] = (float) UnitVectors.dot(founders.get(i), vector);
    }
    return NearestCells.NONE.with(
        new NearestCells(IntStream.range(0, cosines.length).toArray(), cosines), most);
  }

  @Override
  public void close() {
    // Holds nothing but heap.
  }
}
