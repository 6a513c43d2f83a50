package io.freshet.trainer.evaluate.retrieval;

import java.util.HashSet;
import java.util.Set;

/**
 * Which images of a database a query is meant to find (Radenovic et al., arXiv 1803.11285). What is
 * named nowhere is a negative.
 *
 * @param easy clearly visible
 * @param hard partly visible, or hard to make out
 * @param junk neither right nor wrong: removed from the ranking before it is scored
 */
public record Relevance(Set<Integer> easy, Set<Integer> hard, Set<Integer> junk) {
  public Relevance {
    easy = Set.copyOf(easy);
    hard = Set.copyOf(hard);
    junk = Set.copyOf(junk);
  }

  /** The three ways to score the same ranking. */
  public enum Protocol {
    /** Easy images are right, hard ones junk. */
    EASY,
    /** Easy and hard images are right. */
    MEDIUM,
    /** Hard images are right, easy ones junk. */
    HARD
  }

  Set<Integer> right(Protocol protocol) {
    return switch (protocol) {
      case EASY -> easy;
      case MEDIUM -> union(easy, hard);
      case HARD -> hard;
    };
  }

  Set<Integer> ignored(Protocol protocol) {
    return switch (protocol) {
      case EASY -> union(junk, hard);
      case MEDIUM -> junk;
      case HARD -> union(junk, easy);
    };
  }

  private static Set<Integer> union(Set<Integer> a, Set<Integer> b) {
    Set<Integer> union = new HashSet<>(a);
    union.addAll(b);
    return union;
  }
}
