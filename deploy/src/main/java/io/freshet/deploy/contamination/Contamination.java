package io.freshet.deploy.contamination;

import io.freshet.platform.registry.ModelVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Images that a benchmark withdrew after they were let through, and the releases that had read
 * them.
 *
 * <p>A trainer draws its batches from what it has read, so a release that had read an image may
 * have trained on it; one that had not, and descends from none that had, did not.
 *
 * @param withdrawn when each image was withdrawn, by image id
 * @param curated those of them that reached a trainer's stream
 * @param releases all releases that the registry has, by version
 */
public record Contamination(
    SortedMap<String, Instant> withdrawn,
    SortedSet<String> curated,
    List<ReleaseExposure> releases) {

  static Contamination of(
      SortedMap<String, Instant> withdrawn,
      Map<String, List<Position>> positions,
      List<TrainedRelease> releases,
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
    return new Contamination(withdrawn, new TreeSet<>(positions.keySet()), List.copyOf(exposures));
  }

  public List<ReleaseExposure> exposed() {
    return releases.stream().filter(ReleaseExposure::isExposed).toList();
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
