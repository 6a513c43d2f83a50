package io.freshet.dedup.gather;

import io.freshet.dedup.candidate.Answer;
import io.freshet.dedup.candidate.Edge;
import io.freshet.dedup.component.Benchmark;
import io.freshet.dedup.component.Evidence;
import io.freshet.dedup.state.Table;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Collects the answers that an image gets, in any order, until all are there. What is told to a
 * benchmark goes on at once: it waits for no verdict. One thread.
 */
public final class Gathering {
  private final Table<String, Partial> partials;

  /**
   * @param partials by image_id; nothing else may use it
   */
  public Gathering(Table<String, Partial> partials) {
    this.partials = partials;
  }

  /** The image with all its edges when this was its last answer; a benchmark with each. */
  public Optional<Gathered> accept(Answer answer) {
    String imageId = answer.inquiry().imageId();
    if (Benchmark.isName(imageId)) {
      return Optional.of(new Gathered(imageId, answer.inquiry().ingestedMicros(), answer.edges()));
    }
    Partial before = partials.get(imageId).orElse(Partial.NONE);
    Partial now =
        new Partial(
            before.answers() + 1,
            merged(before.edges(), answer.edges()),
            before.stored() + answer.stored(),
            Stream.concat(before.forgotten().stream(), answer.forgotten().stream()).toList());
    if (now.answers() < answer.inquiry().visits()) {
      partials.put(imageId, now);
      return Optional.empty();
    }
    partials.remove(imageId);
    return Optional.of(
        new Gathered(
            imageId,
            answer.inquiry().ingestedMicros(),
            now.edges(),
            now.stored(),
            now.forgotten()));
  }

  /** Of several edges to the same image the strongest. */
  private static List<Edge> merged(List<Edge> before, List<Edge> more) {
    Map<String, Edge> strongest = new LinkedHashMap<>();
    Stream.concat(before.stream(), more.stream())
        .forEach(edge -> strongest.merge(edge.imageId(), edge, Gathering::stronger));
    return List.copyOf(strongest.values());
  }

  private static Edge stronger(Edge a, Edge b) {
    return Evidence.STRONGEST_FIRST.compare(a.evidence(), b.evidence()) <= 0 ? a : b;
  }
}
