package io.freshet.dedup.decide;

import io.freshet.dedup.component.ComponentTracker;
import io.freshet.dedup.component.Evidence;
import io.freshet.dedup.component.Verdict;
import io.freshet.dedup.embed.Embedding;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.Embedding.Unreadable;
import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.screen.Screened.Copy;
import io.freshet.dedup.similarity.VectorIndex;
import io.freshet.schemas.DuplicateMethod;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Decides the outcome of each request: a plain state machine, without Flink.
 *
 * <p>Guarantee, when each request that was screened arrives here exactly once, in any order: each
 * gets exactly one outcome, and each component, over the edges that were found, has exactly one
 * image that is unique and not retracted ({@link ComponentTracker}). Edges are what screening
 * found, and every pair of embedded images that is near by pixel hash or by embedding. An image
 * that is near two components merges them.
 *
 * <p>A copy whose original is still being embedded waits for it. If the original proves unreadable,
 * its first readable copy is embedded late and stands in for it. Owner: one thread.
 */
public final class Decisions {
  private final DecisionState state;
  private final Thresholds thresholds;
  private final LateEmbedder lateEmbedder;
  private final Consumer<Outcome> outcomes;
  private final Consumer<Verdict.Retracted> retractions;
  private final ComponentTracker components;

  /** Of the image that {@link #components} decided last. */
  private Optional<Verdict.Copy> copy = Optional.empty();

  /**
   * The bounds that outcomes name.
   *
   * @param hashDistance most bits between the hashes of copies
   * @param hashQuality hashes of less are not compared
   * @param cosine that an embedding must exceed
   */
  public record Thresholds(int hashDistance, int hashQuality, double cosine) {}

  /**
   * @param outcomes receives one of each request
   * @param retractions receives unique images that are so no more
   */
  public Decisions(
      DecisionState state,
      Thresholds thresholds,
      LateEmbedder lateEmbedder,
      Consumer<Outcome> outcomes,
      Consumer<Verdict.Retracted> retractions) {
    this.state = state;
    this.thresholds = thresholds;
    this.lateEmbedder = lateEmbedder;
    this.outcomes = outcomes;
    this.retractions = retractions;
    this.components = new ComponentTracker(state.nodes(), state.undecided(), this::take);
  }

  /** A fresh image comes back from the embedder. */
  public void accept(Embedding embedding) {
    decide(embedding);
    release(embedding.request().imageId());
  }

  /** A copy arrives straight from screening. */
  public void accept(Copy copy) {
    if (isSettled(copy.of())) {
      settle(copy);
      release(copy.request().imageId());
    } else {
      await(copy);
    }
  }

  private boolean isSettled(String imageId) {
    return components.isDecided(imageId) || isLost(imageId);
  }

  private boolean isLost(String imageId) {
    return state.lost().get(imageId).isPresent();
  }

  private void await(Copy copy) {
    List<Copy> waiting = new ArrayList<>(state.waiting().get(copy.of()).orElse(List.of()));
    waiting.add(copy);
    state.waiting().put(copy.of(), waiting);
  }

  /** Settles all that waited for the image, then all that waited for those. */
  private void release(String imageId) {
    Deque<String> decided = new ArrayDeque<>(List.of(imageId));
    while (!decided.isEmpty()) {
      String of = decided.remove();
      List<Copy> waiting = state.waiting().get(of).orElse(List.of());
      state.waiting().remove(of);
      for (Copy copy : waiting) {
        settle(copy);
        decided.add(copy.request().imageId());
      }
    }
  }

  /** A copy of an image that is decided, or lost. */
  private void settle(Copy copy) {
    boolean isExact = copy.method() == DuplicateMethod.EXACT;
    if (!isExact) {
      components.join(
          copy.request().imageId(), copy.of(), new Evidence(DuplicateMethod.HASH, copy.score()));
    }
    Optional<String> keeper = components.keeperOf(copy.of());
    if (keeper.isEmpty()) {
      decide(lateEmbedder.embed(copy.request()));
    } else if (isExact) {
      outcomes.accept(exactCopy(copy, keeper.get()));
    } else {
      outcomes.accept(verdict(copy.request(), Optional.empty()));
    }
  }

  private static Outcome exactCopy(Copy copy, String keeper) {
    return new Outcome.Duplicate(
        copy.request(), keeper, DuplicateMethod.EXACT, copy.score(), 1, Optional.empty());
  }

  private void decide(Embedding embedding) {
    if (embedding instanceof Embedded embedded) {
      judge(embedded);
    } else {
      refuse((Unreadable) embedding);
    }
  }

  private void refuse(Unreadable unreadable) {
    state.lost().put(unreadable.request().imageId(), true);
    outcomes.accept(
        new Outcome.Refused(unreadable.request(), unreadable.reason(), unreadable.detail()));
  }

  private void judge(Embedded embedded) {
    VectorIndex.Probe probe = state.vectors().probe(embedded.spaceId(), embedded.vector());
    joinByHash(embedded);
    joinByVector(embedded, probe);
    remember(embedded, probe);
    state.lost().remove(embedded.request().imageId());
    outcomes.accept(verdict(embedded.request(), Optional.of(embedded)));
  }

  private void joinByHash(Embedded embedded) {
    hashes(embedded)
        .flatMap(hash -> state.hashes().matches(hash).stream())
        .forEach(match -> join(embedded, match.ordinal(), DuplicateMethod.HASH, match.distance()));
  }

  private void joinByVector(Embedded embedded, VectorIndex.Probe probe) {
    for (VectorIndex.Match match : state.vectors().matches(probe)) {
      join(embedded, match.ordinal(), DuplicateMethod.COPY_EMBEDDING, (float) match.cosine());
    }
  }

  private void join(Embedded embedded, int ordinal, DuplicateMethod method, float score) {
    components.join(
        embedded.request().imageId(), state.imageIds().get(ordinal), new Evidence(method, score));
  }

  private void remember(Embedded embedded, VectorIndex.Probe probe) {
    int ordinal = state.imageIds().add(embedded.request().imageId());
    state.vectors().add(ordinal, probe);
    hashes(embedded).forEach(hash -> state.hashes().add(ordinal, hash));
  }

  /** Both are asked and both are stored, so an edge is found whichever of its ends comes first. */
  private Stream<BitCode> hashes(Embedded embedded) {
    return embedded.hash().quality() < thresholds.hashQuality()
        ? Stream.empty()
        : Stream.of(embedded.hash().upright(), embedded.hash().mirrored()).map(BitCode::of);
  }

  /**
   * @param embedded empty for a copy that screening told, whose component has a keeper
   */
  private Outcome verdict(Request request, Optional<Embedded> embedded) {
    copy = Optional.empty();
    components.decide(
        request.imageId(),
        ChronoUnit.MICROS.between(Instant.EPOCH, request.image().getIngestedAt()));
    return copy.map(verdict -> duplicate(request, verdict, embedded))
        .orElseGet(() -> new Outcome.Unique(embedded.orElseThrow()));
  }

  private Outcome duplicate(Request request, Verdict.Copy verdict, Optional<Embedded> embedded) {
    Evidence evidence = verdict.evidence();
    boolean isByVector = evidence.method() == DuplicateMethod.COPY_EMBEDDING;
    return new Outcome.Duplicate(
        request,
        verdict.keptImageId(),
        evidence.method(),
        evidence.score(),
        (float) (isByVector ? thresholds.cosine() : thresholds.hashDistance()),
        isByVector ? embedded.map(Embedded::spaceId) : Optional.empty());
  }

  private void take(Verdict verdict) {
    if (verdict instanceof Verdict.Retracted retracted) {
      retractions.accept(retracted);
    } else if (verdict instanceof Verdict.Copy found) {
      copy = Optional.of(found);
    }
  }
}
