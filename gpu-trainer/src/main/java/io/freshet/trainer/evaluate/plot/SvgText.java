package io.freshet.trainer.evaluate.plot;

/** Text that goes into an SVG file, most of all names from outside. */
final class SvgText {
  private static final int LONGEST_NAME = 24;

  private SvgText() {}

  static String shortened(String name) {
    return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME - 1) + "…";
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replaceAll("\\p{Cntrl}", " ");
  }
}
