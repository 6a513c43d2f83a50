package io.freshet.dedup.settle;

import io.freshet.dedup.component.Evidence;
import io.freshet.dedup.component.Verdict;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.state.Table;
import io.freshet.schemas.DuplicateMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Brings verdicts and the requests they are for together, whichever comes first.
 *
 * <p>Guarantee: each request that was admitted and each copy of the same pixels gets exactly one
 * outcome. A copy that comes after its image was retracted names the keeper it was merged into.
 *
 * <p>What became of an image is kept until its id is forgotten; the same pixels are then decided
 * anew. What was unique can still be withdrawn after that.
 *
 * <p>Owner: one thread.
 */
public final class Settlement {
  private final Table<String, Embedded> pending;
  private final Table<String, List<Request>> copies;
  private final Table<String, Fate> fates;
  private final Table<String, Boolean> renewed;
  private final Bounds bounds;
  private final Consumer<Outcome> outcomes;
  private final Consumer<Verdict> retractions;

  /**
   * The bounds that outcomes name.
   *
   * @param hashDistance most bits between the hashes of copies
   * @param copyCosine that the embedding of a copy must exceed
   * @param benchmarkCosine that the embedding of an image near to a benchmark must exceed
   */
  public record Bounds(int hashDistance, double copyCosine, double benchmarkCosine) {
    /** The bound that an edge met: bits of a hash, else a cosine. */
    public float metBy(Evidence evidence) {
      if (evidence.method() == DuplicateMethod.HASH) {
        return hashDistance;
      }
      // Where state from before doesn't tell: an edge to a benchmark may be weaker than one between
      // copies.
      boolean mayBeOfBenchmark =
          evidence.otherImageId().isEmpty() && evidence.score() <= copyCosine;
      boolean isOfBenchmark = evidence.isOfBenchmark() || mayBeOfBenchmark;
      return (float) (isOfBenchmark ? benchmarkCosine : copyCosine);
    }
  }

  /**
   * @param pending images without a verdict
   * @param copies of those, oldest first
   * @param fates of images that have one
   * @param renewed images whose next verdict overtook the word that they are forgotten
   * @param retractions receives the verdicts that withdraw a unique image
   */
  public Settlement(
      Table<String, Embedded> pending,
      Table<String, List<Request>> copies,
      Table<String, Fate> fates,
      Table<String, Boolean> renewed,
      Bounds bounds,
      Consumer<Outcome> outcomes,
      Consumer<Verdict> retractions) {
    this.pending = pending;
    this.copies = copies;
    this.fates = fates;
    this.renewed = renewed;
    this.bounds = bounds;
    this.outcomes = outcomes;
    this.retractions = retractions;
  }

  /** An image was admitted. */
  public void accept(Embedded embedded) {
    String imageId = embedded.request().imageId();
    Optional<Fate> fate = fates.get(imageId);
    if (fate.isPresent()) {
      outcomes.accept(outcome(embedded, fate.get()));
    } else {
      pending.put(imageId, embedded);
    }
  }

  /** The same pixels again. */
  public void accept(Request copy) {
    Optional<Fate> fate = fates.get(copy.imageId());
    if (fate.isPresent()) {
      outcomes.accept(exactCopy(copy, fate.get()));
    } else {
      List<Request> longer = new ArrayList<>(copies.get(copy.imageId()).orElse(List.of()));
      longer.add(copy);
      copies.put(copy.imageId(), longer);
    }
  }

  public void accept(Verdict verdict) {
    switch (verdict.kind()) {
      case KEPT, COPY, CONTAMINATED, RETURNED ->
          settle(
              verdict.imageId(),
              new Fate(
                  verdict.keptImageId(),
                  verdict.kind() == Verdict.Kind.CONTAMINATED,
                  verdict.evidence(),
                  verdict.kind() == Verdict.Kind.RETURNED));
      case RETRACTED, DECONTAMINATED -> {
        fates
            .get(verdict.imageId())
            .ifPresent(
                fate -> fates.put(verdict.imageId(), fate.withdrawnFor(verdict.keptImageId())));
        retractions.accept(verdict);
      }
    }
  }

  /**
   * The id of an image is forgotten, whose requests so far all have their outcomes. Comes before
   * the image is admitted again.
   */
  public void forget(String imageId) {
    if (renewed.get(imageId).isPresent()) {
      renewed.remove(imageId);
    } else {
      fates.remove(imageId);
    }
  }

  private void settle(String imageId, Fate fate) {
    if (fates.get(imageId).isPresent()) {
      renewed.put(imageId, true);
    }
    fates.put(imageId, fate);
    pending.get(imageId).ifPresent(embedded -> outcomes.accept(outcome(embedded, fate)));
    pending.remove(imageId);
    copies.get(imageId).orElse(List.of()).forEach(this::accept);
    copies.remove(imageId);
  }

  private Outcome outcome(Embedded embedded, Fate fate) {
    if (fate.returned()) {
      return exactCopy(embedded.request(), fate);
    }
    if (fate.evidence().isEmpty()) {
      return new Outcome.Unique(embedded);
    }
    Evidence evidence = fate.evidence().get(0);
    boolean isByVector = evidence.method() == DuplicateMethod.COPY_EMBEDDING;
    return new Outcome.Duplicate(
        embedded.request(),
        fate.keptImageId(),
        fate.contaminated() ? DuplicateMethod.BENCHMARK : evidence.method(),
        evidence.score(),
        bounds.metBy(evidence),
        isByVector ? Optional.of(embedded.spaceId()) : Optional.empty(),
        Optional.of(evidence.otherImageId()).filter(other -> !other.isEmpty()));
  }

  private static Outcome exactCopy(Request copy, Fate fate) {
    return new Outcome.Duplicate(
        copy, fate.keptImageId(), DuplicateMethod.EXACT, 1, 1, Optional.empty(), Optional.empty());
  }
}
