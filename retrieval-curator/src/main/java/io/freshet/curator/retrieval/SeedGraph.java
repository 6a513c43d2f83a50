package io.freshet.curator.retrieval;

import io.github.jbellis.jvector.graph.GraphIndexBuilder;
import io.github.jbellis.jvector.graph.GraphSearcher;
import io.github.jbellis.jvector.graph.ImmutableGraphIndex;
import io.github.jbellis.jvector.graph.ListRandomAccessVectorValues;
import io.github.jbellis.jvector.graph.RandomAccessVectorValues;
import io.github.jbellis.jvector.graph.SearchResult;
import io.github.jbellis.jvector.graph.similarity.BuildScoreProvider;
import io.github.jbellis.jvector.graph.similarity.DefaultSearchScoreProvider;
import io.github.jbellis.jvector.graph.similarity.ScoreFunction;
import io.github.jbellis.jvector.util.Bits;
import io.github.jbellis.jvector.vector.VectorSimilarityFunction;
import io.github.jbellis.jvector.vector.VectorizationProvider;
import io.github.jbellis.jvector.vector.types.VectorFloat;
import io.github.jbellis.jvector.vector.types.VectorTypeSupport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.IntPredicate;

/**
 * A navigable graph over the vectors of one dataset's seeds, in memory: some 200 bytes a seed
 * beside its vector. Immutable once built; any number of threads may search.
 *
 * @see <a href="https://arxiv.org/abs/1603.09320">HNSW</a>, which JVector builds upon
 */
final class SeedGraph {
  private static final VectorTypeSupport TYPES =
      VectorizationProvider.getInstance().getVectorTypeSupport();
  private static final int DEGREE = 32;
  private static final int BUILD_BEAM = 100;
  private static final float OVERFLOW = 1.2f;
  private static final float ALPHA = 1.2f;

  private final List<Seed> seeds;
  private final ImmutableGraphIndex graph;

  private SeedGraph(List<Seed> seeds, ImmutableGraphIndex graph) {
    this.seeds = seeds;
    this.graph = graph;
  }

  /**
   * Costs about a millisecond a seed, on the calling thread.
   *
   * @throws CancellationException when the thread is interrupted
   */
  static SeedGraph over(List<Seed> seeds) {
    List<VectorFloat<?>> all = new ArrayList<>(seeds.size());
    seeds.forEach(seed -> all.add(TYPES.createFloatVector(seed.vector())));
    int dim = seeds.get(0).vector().length;
    RandomAccessVectorValues vectors = new ListRandomAccessVectorValues(all, dim);
    try (GraphIndexBuilder builder =
        GraphIndexBuilder.builder(
                BuildScoreProvider.randomAccessScoreProvider(
                    vectors, VectorSimilarityFunction.DOT_PRODUCT),
                dim,
                DEGREE)
            .withBeamWidth(BUILD_BEAM)
            .withNeighborOverflow(OVERFLOW)
            .withAlpha(ALPHA)
            .build()) {
      for (int i = 0; i < all.size(); i++) {
        if (Thread.currentThread().isInterrupted()) {
          throw new CancellationException("building a graph of %,d seeds".formatted(all.size()));
        }
        builder.addGraphNode(i, all.get(i));
      }
      builder.cleanup();
      return new SeedGraph(seeds, builder.getGraph());
    } catch (IOException e) {
      throw new UncheckedIOException("the graph can't be closed", e);
    }
  }

  /**
   * Positions of seeds near to the vector, about the {@code most} nearest, in no particular order.
   *
   * @param beam candidates that are kept on the way, at least {@code most}
   * @param live which positions count
   */
  int[] near(float[] vector, int most, int beam, IntPredicate live) {
    Bits counted = live::test;
    try (GraphSearcher searcher = new GraphSearcher(graph)) {
      ScoreFunction.ExactScoreFunction score =
          i -> (1 + DotProduct.of(vector, seeds.get(i).vector())) / 2;
      SearchResult result =
          searcher.search(new DefaultSearchScoreProvider(score), most, beam, 0, 0, counted);
      return Arrays.stream(result.getNodes()).mapToInt(found -> found.node).toArray();
    } catch (IOException e) {
      throw new UncheckedIOException("the graph can't be searched", e);
    }
  }
}
