package io.freshet.trainer.evaluate.plot;

import io.freshet.platform.registry.AliasPeriod;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * What was measured of a model's releases, and which of them was champion when.
 *
 * @param model the releases' name
 * @param versions at least one; kept in the order of their numbers
 * @param champions of any model, oldest first
 */
public record VersionHistory(String model, List<Version> versions, List<AliasPeriod> champions) {

  /**
   * A release.
   *
   * @param metrics by name, {@code family/set}; finite
   */
  public record Version(int number, Instant publishedAt, Map<String, Double> metrics) {
    public Version {
      metrics = Map.copyOf(metrics);
    }
  }

  public VersionHistory {
    versions = versions.stream().sorted(Comparator.comparingInt(Version::number)).toList();
    champions = List.copyOf(champions);
    if (versions.isEmpty()) {
      throw new IllegalArgumentException("model " + model + " has no release to draw");
    }
  }

  /**
   * Releases in a row during which one of them was champion.
   *
   * @param number the champion's
   * @param from position of the release that was the newest when it became champion
   * @param until position of the one that was the newest when another did, exclusive; {@code from}
   *     when none was published meanwhile
   * @param present whether it still is
   */
  record Reign(int number, int from, int until, boolean present) {}

  /** Of this model's champions, oldest first; positions count {@link #versions} from 0. */
  List<Reign> reigns() {
    List<Reign> reigns = new ArrayList<>();
    for (AliasPeriod period : champions) {
      if (period.target().name().equals(model)) {
        reigns.add(
            new Reign(
                period.target().version(),
                newestAt(period.from()),
                period.until().map(this::newestAt).orElse(versions.size()),
                period.until().isEmpty()));
      }
    }
    return reigns;
  }

  /** Position of the newest release that was published by then; the first if there was none. */
  private int newestAt(Instant time) {
    return IntStream.range(0, versions.size())
        .filter(i -> !versions.get(i).publishedAt().isAfter(time))
        .max()
        .orElse(0);
  }

  /**
   * Names of metrics by family, what stands before the last slash; a name without one is its own.
   */
  Map<String, List<String>> families() {
    TreeSet<String> names = new TreeSet<>();
    versions.forEach(version -> names.addAll(version.metrics().keySet()));
    Map<String, List<String>> families = new TreeMap<>();
    for (String name : names) {
      int slash = name.lastIndexOf('/');
      families
          .computeIfAbsent(slash < 0 ? name : name.substring(0, slash), any -> new ArrayList<>())
          .add(name);
    }
    return families;
  }
}
