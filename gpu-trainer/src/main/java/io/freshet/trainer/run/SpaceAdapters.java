package io.freshet.trainer.run;

import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.RegistryException;
import io.freshet.platform.registry.ReleasedAdapter;
import io.freshet.trainer.evaluate.SetFeatures;
import io.freshet.vision.adapter.AdapterFit;
import io.freshet.vision.adapter.SpaceAdapter;
import io.freshet.vision.adapter.SpacePairs;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.model.HuggingFaceDirectory;
import io.freshet.vision.model.VisionTransformerConfig;
import io.freshet.vision.weights.HuggingFaceDinov2;
import io.freshet.vision.weights.Safetensors;
import io.freshet.vision.weights.StateDict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fits adapters between a model that is about to be released and the newest releases of the same
 * name, on the EVALUATION images, which neither was trained on. Owned by the release thread.
 */
final class SpaceAdapters {
  private static final Logger LOG = LoggerFactory.getLogger(SpaceAdapters.class);
  private static final int MAX_PAIRS = 4_000;
  private static final int RANK = 64;

  /** The decompositions take time with the third power of the dimension. */
  private static final int MAX_DIM = 1_024;

  private final ModelRegistry registry;
  private final Featuring featuring;
  private final int earlier;
  private final long seed;

  /** What releases made of the EVALUATION images. */
  private final Map<ModelVersion, List<float[]>> remembered = new HashMap<>();

  /** Features of the EVALUATION sets, by an older model. */
  @FunctionalInterface
  interface Featuring {
    List<SetFeatures> features(VisionTransformerConfig architecture, StateDict backbone);
  }

  /**
   * @param earlier how many releases to look back
   */
  SpaceAdapters(ModelRegistry registry, Featuring featuring, int earlier, long seed) {
    this.registry = registry;
    this.featuring = featuring;
    this.earlier = earlier;
    this.seed = seed;
  }

  /**
   * Both kinds in both directions for each earlier release that sees images in the same way; fewer
   * when a release is altered, too large, or there are too few images.
   *
   * @param own what the new model makes of the EVALUATION sets
   * @param embedding how the new model is used, as its manifest will say
   */
  List<SpaceAdapter> fit(String model, Map<String, Object> embedding, List<SetFeatures> own) {
    List<ModelVersion> newest =
        registry.versions().stream()
            .filter(version -> version.name().equals(model))
            .sorted(Comparator.reverseOrder())
            .limit(earlier)
            .toList();
    List<SpaceAdapter> adapters = new ArrayList<>();
    List<float[]> ownVectors = vectors(own);
    if (ownVectors.size() < AdapterFit.MIN_PAIRS) {
      LOG.info(
          "the release has no adapters: there are {} EVALUATION images, {} are needed",
          ownVectors.size(),
          AdapterFit.MIN_PAIRS);
      return adapters;
    }
    for (ModelVersion version : newest) {
      try {
        adapters.addAll(fit(version, embedding, ownVectors));
      } catch (IOException | RegistryException | IllegalArgumentException e) {
        LOG.warn("the release has no adapters from and to {}: {}", version, e.getMessage());
      }
    }
    return adapters;
  }

  /**
   * Keeps what a release made of the EVALUATION sets, which stay the same for the run, so that the
   * next ones need not ask it again. Of each model as many are kept as are looked back at.
   */
  void remember(ModelVersion version, List<SetFeatures> features) {
    keep(version, vectors(features));
  }

  private void keep(ModelVersion version, List<float[]> vectors) {
    remembered.put(version, vectors);
    List<ModelVersion> kept =
        remembered.keySet().stream().filter(v -> v.name().equals(version.name())).sorted().toList();
    kept.subList(0, Math.max(0, kept.size() - earlier)).forEach(remembered::remove);
  }

  private List<SpaceAdapter> fit(
      ModelVersion version, Map<String, Object> embedding, List<float[]> own) throws IOException {
    Manifest manifest = registry.manifest(version);
    if (!manifest.embedding().equals(embedding)) {
      throw new IllegalArgumentException("it sees images in another way");
    }
    Path dir = registry.open(version);
    VisionTransformerConfig architecture = HuggingFaceDirectory.config(dir);
    if (architecture.embedDim() > MAX_DIM) {
      throw new IllegalArgumentException(
          "it has %d dimensions, adapters are fitted up to %d; freshet compat fits larger ones"
              .formatted(architecture.embedDim(), MAX_DIM));
    }
    String other =
        EmbedderSpec.fromMap(manifest.embedding()).space(version.name(), version.version()).id();
    SpacePairs pairs = shuffled(other, theirs(version, dir, architecture), own);
    List<SpaceAdapter> adapters = new ArrayList<>();
    for (SpacePairs direction : List.of(pairs, pairs.reversed())) {
      AdapterFit fit = new AdapterFit(direction);
      if (direction.from().get(0).length == direction.to().get(0).length) {
        adapters.add(fit.orthogonal());
      }
      adapters.add(fit.lowRankAffine(RANK));
    }
    adapters.forEach(
        adapter ->
            LOG.info(
                "{} adapter {} to {}: recall@10 {}",
                adapter.kind(),
                adapter.fromSpace(),
                adapter.toSpace(),
                adapter.recallAt10()));
    return adapters;
  }

  private List<float[]> theirs(
      ModelVersion version, Path release, VisionTransformerConfig architecture) throws IOException {
    List<float[]> known = remembered.get(version);
    if (known != null) {
      return known;
    }
    StateDict weights =
        HuggingFaceDinov2.toOfficial(
            Safetensors.read(release.resolve(HuggingFaceDirectory.WEIGHTS)));
    List<float[]> found = vectors(featuring.features(architecture, weights));
    keep(version, found);
    return found;
  }

  private SpacePairs shuffled(String other, List<float[]> theirs, List<float[]> own) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < own.size(); i++) {
      order.add(i);
    }
    Collections.shuffle(order, new Random(seed));
    List<Integer> taken = order.subList(0, Math.min(order.size(), MAX_PAIRS));
    return new SpacePairs(
        other,
        ReleasedAdapter.OWN_SPACE,
        taken.stream().map(theirs::get).toList(),
        taken.stream().map(own::get).toList());
  }

  /** Banks and queries of all sets in their order, each vector of length one. */
  private static List<float[]> vectors(List<SetFeatures> sets) {
    List<float[]> vectors = new ArrayList<>();
    for (SetFeatures set : sets) {
      for (float[][] part : new float[][][] {set.bank(), set.queries()}) {
        for (float[] vector : part) {
          vectors.add(unit(vector));
        }
      }
    }
    return vectors;
  }

  private static float[] unit(float[] vector) {
    double squares = 0;
    for (float value : vector) {
      squares += (double) value * value;
    }
    float scale = squares == 0 ? 0 : (float) (1 / Math.sqrt(squares));
    float[] unit = vector.clone();
    for (int i = 0; i < unit.length; i++) {
      unit[i] *= scale;
    }
    return unit;
  }
}
