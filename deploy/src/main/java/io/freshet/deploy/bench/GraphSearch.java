package io.freshet.deploy.bench;

import io.github.jbellis.jvector.graph.GraphIndexBuilder;
import io.github.jbellis.jvector.graph.GraphSearcher;
import io.github.jbellis.jvector.graph.ListRandomAccessVectorValues;
import io.github.jbellis.jvector.graph.RandomAccessVectorValues;
import io.github.jbellis.jvector.graph.SearchResult;
import io.github.jbellis.jvector.graph.similarity.BuildScoreProvider;
import io.github.jbellis.jvector.graph.similarity.DefaultSearchScoreProvider;
import io.github.jbellis.jvector.util.Bits;
import io.github.jbellis.jvector.vector.VectorSimilarityFunction;
import io.github.jbellis.jvector.vector.VectorizationProvider;
import io.github.jbellis.jvector.vector.types.VectorFloat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** JVector's HNSW graph in memory, float32: what each image would be asked and inserted with. */
final class GraphSearch {
  private static final int DEGREE = 32;
  private static final int BUILD_BEAM = 100;
  private static final float OVERFLOW = 1.2f;
  private static final float ALPHA = 1.2f;
  private static final int NEIGHBOURS = 64;

  private final ConceptVectors vectors;

  GraphSearch(ConceptVectors vectors) {
    this.vectors = vectors;
  }

  /**
   * @param edges between queries and stored images
   * @param imagesPerSecond asked, then inserted, by all cores
   */
  record Result(EdgeSet edges, double imagesPerSecond) {}

  /**
   * @param beam candidates that a search keeps, at least 64
   */
  Result search(int queries, double threshold, int beam, Progress progress) {
    int stored = Math.toIntExact(vectors.stored());
    List<VectorFloat<?>> all = new ArrayList<>(stored + queries);
    for (int i = 0; i < stored + queries; i++) {
      all.add(
          VectorizationProvider.getInstance()
              .getVectorTypeSupport()
              .createFloatVector(vectors.vector(i)));
    }
    RandomAccessVectorValues values = new ListRandomAccessVectorValues(all, vectors.dim());
    BuildScoreProvider scores =
        BuildScoreProvider.randomAccessScoreProvider(values, VectorSimilarityFunction.DOT_PRODUCT);
    try (GraphIndexBuilder builder =
        GraphIndexBuilder.builder(scores, vectors.dim(), DEGREE)
            .withBeamWidth(BUILD_BEAM)
            .withNeighborOverflow(OVERFLOW)
            .withAlpha(ALPHA)
            .build()) {
      IntStream.range(0, stored)
          .parallel()
          .forEach(
              i -> {
                builder.addGraphNode(i, all.get(i));
                progress.add(1);
              });
      EdgeSet edges = new EdgeSet();
      long start = System.nanoTime();
      IntStream.range(0, queries)
          .parallel()
          .forEach(
              query -> {
                VectorFloat<?> vector = all.get(stored + query);
                for (SearchResult.NodeScore near : near(builder, values, vector, beam)) {
                  // Its score of a dot product is (1 + dot) / 2.
                  if (2 * near.score - 1 > threshold && near.node < stored) {
                    edges.add(query, near.node);
                  }
                }
                builder.addGraphNode(stored + query, vector);
              });
      return new Result(edges, queries / ((System.nanoTime() - start) / 1e9));
    } catch (IOException e) {
      throw new UncheckedIOException("the graph can't be closed", e);
    }
  }

  private static SearchResult.NodeScore[] near(
      GraphIndexBuilder builder, RandomAccessVectorValues values, VectorFloat<?> vector, int beam) {
    try (GraphSearcher searcher = new GraphSearcher(builder.getGraph())) {
      return searcher
          .search(
              DefaultSearchScoreProvider.exact(
                  vector, VectorSimilarityFunction.DOT_PRODUCT, values),
              NEIGHBOURS,
              beam,
              0,
              0,
              Bits.ALL)
          .getNodes();
    } catch (IOException e) {
      throw new UncheckedIOException("the graph can't be searched", e);
    }
  }
}
