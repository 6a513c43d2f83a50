package io.freshet.deploy.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.freshet.vision.torch.TorchRuntime;
import java.nio.FloatBuffer;

/** All pairs above a cosine, by float32 matrix products in libtorch. */
final class ExactSearch {
  private static final int CHUNK = 20_000;
  private static final int BATCH = 256;

  private final ConceptVectors vectors;
  private final TorchRuntime runtime;

  ExactSearch(ConceptVectors vectors, TorchRuntime runtime) {
    this.vectors = vectors;
    this.runtime = runtime;
  }

  /**
   * @param edges between queries and stored images
   * @param queriesPerSecond of the products and the comparison with the threshold, in batches of
   *     256
   */
  record Result(EdgeSet edges, double queriesPerSecond) {}

  Result search(int queries, double threshold, Progress progress) {
    EdgeSet edges = new EdgeSet();
    long nanos = 0;
    try (NDManager manager = runtime.newManager()) {
      NDArray asked = matrix(manager, vectors.stored(), queries);
      for (long from = 0; from < vectors.stored(); from += CHUNK) {
        int rows = (int) Math.min(CHUNK, vectors.stored() - from);
        try (NDManager scope = manager.newSubManager()) {
          NDArray chunk = matrix(scope, from, rows).transpose();
          long start = System.nanoTime();
          for (int query = 0; query < queries; query += BATCH) {
            try (NDManager batch = scope.newSubManager()) {
              NDArray some = asked.get("%d:%d".formatted(query, Math.min(queries, query + BATCH)));
              some.attach(batch);
              NDArray near = some.matMul(chunk).gt(threshold).nonzero();
              near.attach(batch);
              long[] pairs = near.toLongArray();
              for (int i = 0; i < pairs.length; i += 2) {
                edges.add(query + pairs[i], from + pairs[i + 1]);
              }
            }
          }
          nanos += System.nanoTime() - start;
        }
        progress.at(from + rows);
      }
    }
    return new Result(edges, queries / (nanos / 1e9));
  }

  private NDArray matrix(NDManager manager, long from, int rows) {
    float[] elements = new float[rows * vectors.dim()];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(vectors.vector(from + row), 0, elements, row * vectors.dim(), vectors.dim());
    }
    return manager.create(FloatBuffer.wrap(elements), new Shape(rows, vectors.dim()));
  }
}
