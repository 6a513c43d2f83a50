package io.freshet.trainer.evaluate.plot;

import java.util.List;

/** Colours of curves. */
final class Palette {
  /** Distinct for people with colour vision deficiencies (Okabe and Ito 2008). */
  static final List<String> DISTINCT =
      List.of("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000");

  private Palette() {}
}
