package io.freshet.trainer.evaluate.directory;

import java.util.Locale;
import java.util.Optional;

/** What an image is for. */
public enum Split {
  /** Its label is learned from. */
  BANK,
  /** It is classified. */
  QUERY;

  /** The split of a name in common use; empty for any other name. */
  public static Optional<Split> of(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "bank", "train", "training" -> Optional.of(BANK);
      case "query", "val", "valid", "validation", "eval", "test" -> Optional.of(QUERY);
      default -> Optional.empty();
    };
  }
}
