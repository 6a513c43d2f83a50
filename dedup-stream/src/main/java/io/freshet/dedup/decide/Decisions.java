package io.freshet.dedup.decide;

import io.freshet.dedup.embed.Embedding;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.Embedding.Unreadable;
import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.hash.HashIndex;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.screen.Screened.Copy;
import io.freshet.dedup.similarity.VectorIndex;
import io.freshet.schemas.DuplicateMethod;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
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
 * unique image, the first that was decided. An image joins the component of the copy that it was
 * found near to, by pixel hash or by embedding (chains join too); the component is named after its
 * keeper.
 *
 * <p>A copy whose original is still being embedded waits for it. If the original proves unreadable,
 * its first readable copy is embedded late and stands in for it. Owner: one thread.
 */
public final class Decisions {
  /** Fate of an image none of whose requests could be read so far; no image_id is empty. */
  private static final String LOST = "";

  private final DecisionState state;
  private final Thresholds thresholds;
  private final LateEmbedder lateEmbedder;
  private final Consumer<Outcome> outcomes;

  /**
   * The bounds that outcomes name.
   *
   * @param hashDistance most bits between the hashes of copies
   * @param hashQuality hashes of less are not compared
   * @param cosine that an embedding must exceed
   */
  public record Thresholds(int hashDistance, int hashQuality, double cosine) {}

  public Decisions(
      DecisionState state,
      Thresholds thresholds,
      LateEmbedder lateEmbedder,
      Consumer<Outcome> outcomes) {
    this.state = state;
    this.thresholds = thresholds;
    this.lateEmbedder = lateEmbedder;
    this.outcomes = outcomes;
  }

  /** A fresh image comes back from the embedder. */
  public void accept(Embedding embedding) {
    decide(embedding);
    release(embedding.request().imageId());
  }

  /** A copy arrives straight from screening. */
  public void accept(Copy copy) {
    Optional<String> fate = state.fates().get(copy.of());
    if (fate.isEmpty()) {
      await(copy);
    } else {
      settle(copy, fate.get());
      release(copy.request().imageId());
    }
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
        settle(copy, state.fates().get(of).orElseThrow());
        decided.add(copy.request().imageId());
      }
    }
  }

  private void settle(Copy copy, String fateOfOriginal) {
    if (fateOfOriginal.equals(LOST)) {
      standIn(copy);
    } else {
      emitCopy(copy, fateOfOriginal);
    }
  }

  private void emitCopy(Copy copy, String keeper) {
    state.fates().put(copy.request().imageId(), keeper);
    float threshold = copy.method() == DuplicateMethod.EXACT ? 1 : thresholds.hashDistance();
    outcomes.accept(
        new Outcome.Duplicate(
            copy.request(), keeper, copy.method(), copy.score(), threshold, Optional.empty()));
  }

  private void standIn(Copy copy) {
    decide(lateEmbedder.embed(copy.request()));
    String fate = state.fates().get(copy.request().imageId()).orElseThrow();
    state.fates().put(copy.of(), fate);
  }

  private void decide(Embedding embedding) {
    if (embedding instanceof Embedded embedded) {
      judge(embedded);
    } else {
      refuse((Unreadable) embedding);
    }
  }

  private void refuse(Unreadable unreadable) {
    state.fates().put(unreadable.request().imageId(), LOST);
    outcomes.accept(
        new Outcome.Refused(unreadable.request(), unreadable.reason(), unreadable.detail()));
  }

  private void judge(Embedded embedded) {
    VectorIndex.Probe probe = state.vectors().probe(embedded.spaceId(), embedded.vector());
    Optional<Outcome> copy = copyByHash(embedded).or(() -> copyByVector(embedded, probe));
    remember(embedded, probe);
    Outcome outcome = copy.orElseGet(() -> new Outcome.Unique(embedded));
    state.fates().put(embedded.request().imageId(), keeper(outcome));
    outcomes.accept(outcome);
  }

  private Optional<Outcome> copyByHash(Embedded embedded) {
    if (embedded.hash().quality() < thresholds.hashQuality()) {
      return Optional.empty();
    }
    return Stream.of(embedded.hash().upright(), embedded.hash().mirrored())
        .flatMap(hash -> state.hashes().nearest(BitCode.of(hash)).stream())
        .min(Comparator.comparing(HashIndex.Match::distance))
        .map(match -> hashCopy(embedded.request(), match));
  }

  private Outcome hashCopy(Request request, HashIndex.Match match) {
    return new Outcome.Duplicate(
        request,
        keeperOf(match.ordinal()),
        DuplicateMethod.HASH,
        match.distance(),
        thresholds.hashDistance(),
        Optional.empty());
  }

  private Optional<Outcome> copyByVector(Embedded embedded, VectorIndex.Probe probe) {
    return state.vectors().nearest(probe).map(match -> vectorCopy(embedded, match));
  }

  private Outcome vectorCopy(Embedded embedded, VectorIndex.Match match) {
    return new Outcome.Duplicate(
        embedded.request(),
        keeperOf(match.ordinal()),
        DuplicateMethod.COPY_EMBEDDING,
        (float) match.cosine(),
        (float) thresholds.cosine(),
        Optional.of(embedded.spaceId()));
  }

  private void remember(Embedded embedded, VectorIndex.Probe probe) {
    int ordinal = state.imageIds().add(embedded.request().imageId());
    state.vectors().add(ordinal, probe);
    if (embedded.hash().quality() >= thresholds.hashQuality()) {
      state.hashes().add(ordinal, BitCode.of(embedded.hash().upright()));
    }
  }

  private String keeperOf(int ordinal) {
    return state.fates().get(state.imageIds().get(ordinal)).orElseThrow();
  }

  private static String keeper(Outcome outcome) {
    return outcome instanceof Outcome.Duplicate duplicate
        ? duplicate.keptImageId()
        : outcome.request().imageId();
  }
}
