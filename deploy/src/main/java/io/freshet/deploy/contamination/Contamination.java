package io.freshet.deploy.contamination;

import io.freshet.platform.registry.ModelVersion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Images that a benchmark withdrew after they were let through, and the releases that had read
 * them.
 *
 * <p>A trainer draws its batches from what it has read, so a release that had read an image may
 * have trained on it; one that had not, and descends from none that had, did not.
 *
 * @param withdrawn when and for which benchmark each image was withdrawn, by image id; with those
 *     that had been merged into them, and so are of the same component
 * @param curated those of them that reached a trainer's stream
 * @param releases all releases that the registry has whole, by version
 * @param altered those whose manifest is not what was published, so that nobody can say
 */
public record Contamination(
    SortedMap<String, Withdrawal> withdrawn,
    SortedSet<String> curated,
    List<ReleaseExposure> releases,
    List<ModelVersion> altered) {

  /**
   * @param altered releases whose manifest is not what was published
   */
  static Contamination of(
      SortedMap<String, Withdrawal> withdrawn,
      Map<String, List<Position>> positions,
      List<TrainedRelease> releases,
      List<ModelVersion> altered,
      FirstSteps steps) {
    Lineage lineage = new Lineage(releases, positions);
    List<ReleaseExposure> exposures = new ArrayList<>();
    for (TrainedRelease release : releases) {
      SortedSet<String> read = lineage.read(release);
      Set<ModelVersion> ancestors = lineage.ancestors(release);
      SortedSet<String> inherited = new TreeSet<>();
      List<ModelVersion> unknown = new ArrayList<>();
      for (ModelVersion ancestor : ancestors) {
        TrainedRelease known = lineage.byVersion().get(ancestor);
        if (known == null) {
          unknown.add(ancestor);
        } else {
          inherited.addAll(lineage.read(known));
        }
      }
      inherited.removeAll(read);
      exposures.add(
          new ReleaseExposure(
              release, read, inherited, steps.of(release.runId(), read), List.copyOf(unknown)));
    }
    return new Contamination(
        withdrawn, new TreeSet<>(positions.keySet()), List.copyOf(exposures), List.copyOf(altered));
  }

  public List<ReleaseExposure> exposed() {
    return releases.stream().filter(ReleaseExposure::isExposed).toList();
  }

  /** How many had been merged into an image before that one was withdrawn. */
  public long merged() {
    return withdrawn.values().stream().filter(each -> each.mergedInto().isPresent()).count();
  }

  /** By benchmark, in the order of their names; images of no known one come last. */
  public List<BenchmarkExposure> benchmarks() {
    SortedMap<String, SortedSet<String>> images = new TreeMap<>();
    SortedSet<String> unnamed = new TreeSet<>();
    withdrawn.forEach(
        (image, withdrawal) ->
            withdrawal
                .dataset()
                .map(dataset -> images.computeIfAbsent(dataset, name -> new TreeSet<>()))
                .orElse(unnamed)
                .add(image));
    List<BenchmarkExposure> benchmarks = new ArrayList<>();
    images.forEach((dataset, its) -> benchmarks.add(exposure(Optional.of(dataset), its)));
    if (!unnamed.isEmpty()) {
      benchmarks.add(exposure(Optional.empty(), unnamed));
    }
    return benchmarks;
  }

  private BenchmarkExposure exposure(Optional<String> dataset, SortedSet<String> images) {
    List<BenchmarkExposure.Release> exposed = new ArrayList<>();
    for (ReleaseExposure release : releases) {
      SortedSet<String> read = common(release.read(), images);
      SortedSet<String> inherited = common(release.inherited(), images);
      if (!read.isEmpty() || !inherited.isEmpty()) {
        exposed.add(new BenchmarkExposure.Release(release.release().version(), read, inherited));
      }
    }
    return new BenchmarkExposure(dataset, images, common(curated, images), exposed);
  }

  private static SortedSet<String> common(SortedSet<String> a, SortedSet<String> b) {
    SortedSet<String> common = new TreeSet<>(a);
    common.retainAll(b);
    return common;
  }

  /** Who descends from whom, and what each had read. */
  private record Lineage(
      Map<ModelVersion, TrainedRelease> byVersion, Map<String, List<Position>> positions) {
    Lineage(List<TrainedRelease> releases, Map<String, List<Position>> positions) {
      this(new HashMap<>(), positions);
      releases.forEach(release -> byVersion.put(release.version(), release));
    }

    SortedSet<String> read(TrainedRelease release) {
      SortedSet<String> read = new TreeSet<>();
      positions.forEach(
          (image, records) -> {
            if (records.stream().anyMatch(position -> position.isBefore(release.offsets()))) {
              read.add(image);
            }
          });
      return read;
    }

    /** Without the release itself, whatever loops a manifest may claim. */
    Set<ModelVersion> ancestors(TrainedRelease release) {
      Set<ModelVersion> found = new TreeSet<>();
      List<ModelVersion> next = new ArrayList<>(release.parents());
      Set<ModelVersion> seen = new HashSet<>(Set.of(release.version()));
      while (!next.isEmpty()) {
        ModelVersion version = next.remove(next.size() - 1);
        if (seen.add(version)) {
          found.add(version);
          TrainedRelease known = byVersion.get(version);
          next.addAll(known == null ? List.of() : known.parents());
        }
      }
      return found;
    }
  }
}
