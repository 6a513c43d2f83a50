package io.freshet.trainer.checkpoint;

import java.util.List;

/** A state holds NaN or infinite values; it is never saved, for no run can go on from it. */
public final class NonFiniteStateException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int NAMED = 5;

  /**
   * @param tensors names of the tensors that are not finite, at least one
   */
  NonFiniteStateException(long step, List<String> tensors) {
    super(
        "the state of step %d is not finite and is not saved: %d tensors, %s%s"
            .formatted(
                step,
                tensors.size(),
                String.join(", ", tensors.subList(0, Math.min(NAMED, tensors.size()))),
                tensors.size() > NAMED ? ", ..." : ""));
  }
}
