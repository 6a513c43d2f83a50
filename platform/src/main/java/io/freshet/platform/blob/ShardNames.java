package io.freshet.platform.blob;

import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/**
 * Names of shards: {@code <writer>-<start of the writer>-<random>-<number>.tar}. The random part
 * keeps a writer and the zombie of its predecessor apart.
 */
final class ShardNames {
  private static final Pattern WRITER = Pattern.compile("[a-z0-9][a-z0-9._-]{0,27}");
  private static final Pattern SHARD = Pattern.compile("[a-z0-9][a-z0-9._-]{0,59}\\.tar");
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd't'HHmmss'z'").withZone(ZoneOffset.UTC);
  private static final long RANDOM_PARTS = 36L * 36 * 36 * 36 * 36 * 36;

  private final String prefix;
  private int next = 1;

  /**
   * @throws IllegalArgumentException for a bad writer name
   */
  ShardNames(String writerName, Clock clock, LongSupplier random) {
    if (!WRITER.matcher(writerName).matches()) {
      throw new IllegalArgumentException(
          "'%.80s' is no writer name; names match %s".formatted(writerName, WRITER));
    }
    long part = Math.floorMod(random.getAsLong(), RANDOM_PARTS);
    this.prefix =
        "%s-%s-%6s"
            .formatted(writerName, TIME.format(clock.instant()), Long.toString(part, 36))
            .replace(' ', '0');
  }

  String next() {
    return "%s-%05d.tar".formatted(prefix, next++);
  }

  /** Whether a reference may be resolved against the directory of the store. */
  static boolean isShard(String name) {
    return SHARD.matcher(name).matches();
  }
}
