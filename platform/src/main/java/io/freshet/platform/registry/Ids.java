package io.freshet.platform.registry;

import java.util.Arrays;
import java.util.regex.Pattern;

/** Which names the registry accepts. Whatever passes here is safe as a file name. */
final class Ids {
  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
  private static final Pattern FILE_STEP = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
  private static final int MAX_STEPS = 4;

  private Ids() {}

  static boolean isId(String id) {
    return ID.matcher(id).matches();
  }

  static String require(String what, String id) {
    if (!isId(id)) {
      throw new IllegalArgumentException(
          "'%.80s' is no name of %s; names match %s".formatted(id, what, ID));
    }
    return id;
  }

  /** A file of a release, relative to it, {@code /} between at most 4 steps. */
  static String requireFile(String path) {
    String[] steps = path.split("/", -1);
    if (steps.length > MAX_STEPS
        || !Arrays.stream(steps).allMatch(step -> FILE_STEP.matcher(step).matches())) {
      throw new IllegalArgumentException(
          "'%.120s' is no file name of a release; at most %d steps that match %s"
              .formatted(path, MAX_STEPS, FILE_STEP));
    }
    return path;
  }
}
