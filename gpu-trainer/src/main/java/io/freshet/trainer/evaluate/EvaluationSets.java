package io.freshet.trainer.evaluate;

import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.schemas.SeedImage;
import io.freshet.schemas.SeedRole;
import io.freshet.schemas.Topics;
import io.freshet.trainer.data.ImageLibrary;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.transform.EvalTransform;
import io.freshet.vision.transform.PilResize;
import io.freshet.vision.transform.Resampling;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The EVALUATION seeds of {@code seed.registered} as sets, their images decoded and cropped once
 * and held in memory (12 KiB each at 64 px).
 */
public final class EvaluationSets {
  private static final Logger LOG = LoggerFactory.getLogger(EvaluationSets.class);
  private static final String BANK = "bank";
  private static final String QUERY = "query";

  private final ImageLibrary images;
  private final EvaluationConfig config;
  private final EvalTransform transform;
  private final long seed;

  /**
   * @param seed decides which images are used when a set is larger than the limits
   */
  public EvaluationSets(ImageLibrary images, EvaluationConfig config, long seed) {
    this.images = images;
    this.config = config;
    this.transform = config.preprocessing().transform();
    this.seed = seed;
  }

  /** The EVALUATION seeds that are registered now. */
  public static List<SeedImage> registered(KafkaConfig kafka) {
    return new TopicReader<>(kafka, Topics.SEED_REGISTERED)
        .latestByKey().values().stream()
            .filter(seed -> seed.getRole() == SeedRole.EVALUATION)
            .toList();
  }

  /**
   * The sets, by name. A data set without a bank or without queries is left out, as is an image
   * that can't be read.
   */
  public List<EvaluationSet> load(Collection<SeedImage> seeds) {
    Map<String, List<SeedImage>> byDataset =
        seeds.stream()
            .sorted(Comparator.comparing(SeedImage::getFile))
            .collect(
                Collectors.groupingBy(SeedImage::getDataset, TreeMap::new, Collectors.toList()));
    List<EvaluationSet> sets = new ArrayList<>();
    byDataset.forEach((dataset, members) -> sets.addAll(set(dataset, members)));
    return List.copyOf(sets);
  }

  /** One set, or none. */
  private List<EvaluationSet> set(String dataset, List<SeedImage> members) {
    List<String> classes =
        List.copyOf(
            members.stream()
                .map(SeedImage::getLabel)
                .collect(Collectors.toCollection(TreeSet::new)));
    List<EvaluationImage> bank = split(members, BANK, config.maxBank(), classes);
    List<EvaluationImage> queries = split(members, QUERY, config.maxQueries(), classes);
    if (bank.isEmpty() || queries.isEmpty()) {
      LOG.warn(
          "evaluation set {} is left out: {} bank images, {} queries",
          dataset,
          bank.size(),
          queries.size());
      return List.of();
    }
    LOG.info(
        "evaluation set {}: {} classes, {} bank images, {} queries",
        dataset,
        classes.size(),
        bank.size(),
        queries.size());
    return List.of(new EvaluationSet(dataset, classes, bank, queries));
  }

  private List<EvaluationImage> split(
      List<SeedImage> members, String split, int limit, List<String> classes) {
    List<SeedImage> ordered = members.stream().filter(m -> split.equals(m.getSplit())).toList();
    List<EvaluationImage> loaded = new ArrayList<>();
    for (SeedImage member : EvaluationSet.choose(ordered, limit, seed)) {
      images
          .read(member.getBlob())
          .map(pixels -> image(member, pixels, classes.indexOf(member.getLabel())))
          .ifPresent(loaded::add);
    }
    return loaded;
  }

  private EvaluationImage image(SeedImage seedImage, RgbImage pixels, int label) {
    return new EvaluationImage(
        seedImage.getBlob(),
        label,
        transform.pixels(pixels),
        PilResize.resize(pixels, RawPixels.SIDE, RawPixels.SIDE, Resampling.BICUBIC));
  }
}
