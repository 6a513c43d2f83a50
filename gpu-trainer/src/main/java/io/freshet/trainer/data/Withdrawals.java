package io.freshet.trainer.data;

import java.util.Collection;
import java.util.List;

/** Ids of images that must not be trained on any more. */
@FunctionalInterface
public interface Withdrawals {
  /** None. */
  Withdrawals NONE = List::of;

  /** Those that became known since the last call; perhaps none. */
  Collection<String> arrived();
}
