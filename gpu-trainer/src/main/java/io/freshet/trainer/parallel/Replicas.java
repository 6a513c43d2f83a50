package io.freshet.trainer.parallel;

import ai.djl.Device;
import io.freshet.trainer.step.TrainerState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** Runs the parts of a step side by side, one thread a replica. Owned by the training thread. */
final class Replicas implements AutoCloseable {
  private final List<Replica> replicas;
  private final ExecutorService threads;

  Replicas(List<Replica> replicas) {
    this.replicas = List.copyOf(replicas);
    this.threads =
        Executors.newFixedThreadPool(replicas.size(), task -> new Thread(task, "freshet-replica"));
  }

  /** Where the heads and the update are. */
  Device device() {
    return replicas.get(0).device();
  }

  Replica get(int index) {
    return replicas.get(index);
  }

  /**
   * Calls {@code part} with each replica's index and waits for all of them, also when one fails;
   * the first failure is thrown then.
   */
  <T> List<T> each(IntFunction<T> part) {
    List<Future<T>> running = new ArrayList<>();
    for (int i = 0; i < replicas.size(); i++) {
      int index = i;
      running.add(threads.submit(() -> part.apply(index)));
    }
    List<T> results = new ArrayList<>();
    List<Throwable> failures = new ArrayList<>();
    boolean interrupted = false;
    for (Future<T> future : running) {
      boolean done = false;
      while (!done) {
        try {
          results.add(future.get());
          done = true;
        } catch (ExecutionException e) {
          failures.add(e.getCause());
          done = true;
        } catch (InterruptedException e) {
          // Native work goes on and its tensors are in use, so it is waited for.
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (!failures.isEmpty()) {
      throw new IllegalStateException(
          "a replica failed: " + failures.get(0).getMessage(), failures.get(0));
    }
    return results;
  }

  /** All but the first, which works on the tensors of the master itself, take them over. */
  void follow(TrainerState master) {
    each(
        i -> {
          if (i > 0) {
            replicas.get(i).follow(master);
          }
          return i;
        });
  }

  @Override
  public void close() {
    threads.shutdown();
    replicas.forEach(Replica::close);
  }
}
