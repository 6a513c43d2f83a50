package io.freshet.deploy.bench;

import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Sha256;
import io.freshet.trainer.data.Admission;
import io.freshet.trainer.data.Sample;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * A stream of images in phases of equal length: each phase begins with some images at once, the
 * rest of them arrive evenly over its steps. Every image arrives once.
 *
 * @param phases places of the images in the data set, in the order of their arrival
 * @param concepts what the curator would say of each image of the data set
 * @param stepsOfPhase training steps of a phase, at least 1
 * @param atOnce images that a phase begins with
 */
record ContinualStream(
    List<List<Integer>> phases, List<String> concepts, long stepsOfPhase, int atOnce) {

  /** The images lie in memory and have no place in a blob store. */
  private static final BlobRef NO_BLOB = new BlobRef("memory", 0L, 0, new Sha256(new byte[32]));

  ContinualStream {
    phases = phases.stream().map(List::copyOf).toList();
    concepts = List.copyOf(concepts);
    if (stepsOfPhase < 1) {
      throw new IllegalArgumentException(
          "%d steps in a phase; let it see at least one batch of images".formatted(stepsOfPhase));
    }
  }

  /**
   * The classes of each phase in turn, their images shuffled.
   *
   * @param labels class of each image
   * @param classes names of the classes
   */
  static ContinualStream inTurn(
      ClassPhases split,
      List<Integer> labels,
      List<String> classes,
      long stepsOfPhase,
      int atOnce,
      long seed) {
    Random random = new Random(seed);
    List<List<Integer>> phases = new ArrayList<>();
    for (List<Integer> members : split.classes()) {
      List<Integer> places = new ArrayList<>();
      for (int i = 0; i < labels.size(); i++) {
        if (members.contains(labels.get(i))) {
          places.add(i);
        }
      }
      Collections.shuffle(places, random);
      phases.add(places);
    }
    return new ContinualStream(
        phases, labels.stream().map(classes::get).toList(), stepsOfPhase, atOnce);
  }

  /** The same number of images at the same times, but the classes of all phases mixed. */
  ContinualStream mixed(long seed) {
    List<Integer> all = new ArrayList<>(phases.stream().flatMap(List::stream).toList());
    Collections.shuffle(all, new Random(seed));
    List<List<Integer>> mixed = new ArrayList<>();
    int at = 0;
    for (List<Integer> phase : phases) {
      mixed.add(all.subList(at, at + phase.size()));
      at += phase.size();
    }
    return new ContinualStream(mixed, concepts, stepsOfPhase, atOnce);
  }

  long steps() {
    return stepsOfPhase * phases.size();
  }

  /** What arrives right before {@code step}. */
  List<Admission> before(long step) {
    int phase = (int) (step / stepsOfPhase);
    List<Integer> places = phases.get(phase);
    long within = step % stepsOfPhase;
    int earlier = phases.subList(0, phase).stream().mapToInt(List::size).sum();
    List<Admission> arriving = new ArrayList<>();
    for (int i = within == 0 ? 0 : arrived(places, within - 1); i < arrived(places, within); i++) {
      arriving.add(new Admission(0, earlier + i, Optional.of(sample(places.get(i)))));
    }
    return arriving;
  }

  private int arrived(List<Integer> places, long within) {
    long evenly = (places.size() * (within + 1) + stepsOfPhase - 1) / stepsOfPhase;
    return (int) Math.min(places.size(), Math.max(atOnce, evenly));
  }

  private Sample sample(int place) {
    return new Sample("%064x".formatted(place), NO_BLOB, QualityData.PHOTOS, concepts.get(place));
  }

  /** Where in the data set a sample of this stream lies. */
  static int place(Sample sample) {
    return Integer.parseInt(sample.imageId(), 16);
  }
}
