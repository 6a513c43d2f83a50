package io.freshet.client.similar;

import io.github.jbellis.jvector.graph.GraphIndexBuilder;
import io.github.jbellis.jvector.graph.GraphSearcher;
import io.github.jbellis.jvector.graph.MapRandomAccessVectorValues;
import io.github.jbellis.jvector.graph.SearchResult;
import io.github.jbellis.jvector.graph.similarity.DefaultSearchScoreProvider;
import io.github.jbellis.jvector.util.Bits;
import io.github.jbellis.jvector.vector.VectorSimilarityFunction;
import io.github.jbellis.jvector.vector.VectorizationProvider;
import io.github.jbellis.jvector.vector.types.VectorFloat;
import io.github.jbellis.jvector.vector.types.VectorTypeSupport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A JVector graph of one space's features, kept in memory. A feature that is replaced or erased
 * leaves the answers at once and the graph when enough have gathered.
 *
 * <p>One thread writes; searches happen on the same thread.
 */
final class SpaceIndex implements SimilarityIndex {
  private static final VectorSimilarityFunction SIMILARITY = VectorSimilarityFunction.DOT_PRODUCT;
  private static final int DEGREE = 16;
  private static final int BEAM = 100;
  private static final float OVERFLOW = 1.2f;
  private static final float ALPHA = 1.2f;
  private static final int MIN_CLEANUP = 100;

  private final VectorTypeSupport types =
      VectorizationProvider.getInstance().getVectorTypeSupport();
  private final Map<Integer, VectorFloat<?>> vectors = new ConcurrentHashMap<>();
  private final Map<String, Integer> nodes = new HashMap<>();
  private final Map<Integer, String> images = new ConcurrentHashMap<>();
  private final int dim;
  private final MapRandomAccessVectorValues values;
  private final GraphIndexBuilder builder;
  private int next;
  private int deleted;

  SpaceIndex(int dim) {
    this.dim = dim;
    this.values = new MapRandomAccessVectorValues(vectors, dim);
    this.builder =
        GraphIndexBuilder.builder(values, SIMILARITY, DEGREE)
            .withBeamWidth(BEAM)
            .withNeighborOverflow(OVERFLOW)
            .withAlpha(ALPHA)
            .build();
  }

  @Override
  public int size() {
    return nodes.size();
  }

  @Override
  public void put(String imageId, float[] vector) {
    if (vector.length != dim) {
      throw new IllegalArgumentException(
          "a vector of %d dimensions in an index of %d".formatted(vector.length, dim));
    }
    remove(imageId);
    int node = next++;
    VectorFloat<?> stored = types.createFloatVector(vector);
    vectors.put(node, stored);
    images.put(node, imageId);
    nodes.put(imageId, node);
    builder.addGraphNode(node, stored);
  }

  @Override
  public void remove(String imageId) {
    Integer node = nodes.remove(imageId);
    if (node == null) {
      return;
    }
    images.remove(node);
    builder.markNodeDeleted(node);
    deleted++;
    if (deleted >= MIN_CLEANUP && deleted > nodes.size() / 10) {
      builder.cleanup();
      vectors.keySet().retainAll(images.keySet());
      deleted = 0;
    }
  }

  @Override
  public List<SimilarImages.Match> nearest(float[] query, int count) {
    if (nodes.isEmpty()) {
      return List.of();
    }
    try (GraphSearcher searcher = new GraphSearcher(builder.getGraph())) {
      Bits alive = images::containsKey;
      SearchResult result =
          searcher.search(
              DefaultSearchScoreProvider.exact(types.createFloatVector(query), SIMILARITY, values),
              count,
              Math.max(count, BEAM),
              0,
              0,
              alive);
      List<SimilarImages.Match> matches = new ArrayList<>();
      for (SearchResult.NodeScore found : result.getNodes()) {
        // JVector's score of a dot product is (1 + cosine) / 2.
        matches.add(new SimilarImages.Match(images.get(found.node), 2 * found.score - 1));
      }
      return matches;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      builder.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
