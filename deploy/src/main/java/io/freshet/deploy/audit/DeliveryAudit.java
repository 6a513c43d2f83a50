package io.freshet.deploy.audit;

import io.freshet.deploy.audit.CommittedRecords.Committed;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.apache.avro.generic.GenericRecord;

/**
 * Recomputes from the topics alone what the pipeline owes: every image that the crawl asked for has
 * exactly one outcome among rejected, duplicate and unique.
 *
 * <p>Independent of the stages: a stock Kafka client at {@code read_committed}, stock Avro, and its
 * own reading of the crawled pages. It understands the pages of the demo's site and of the tests,
 * whose images are plain {@code <img src="...">} elements.
 */
public final class DeliveryAudit {
  private static final Pattern IMAGE = Pattern.compile("<img\\s[^>]*?src=\"([^\"]+)\"");

  private final CommittedRecords records;

  public DeliveryAudit(String bootstrapServers, String topicPrefix) {
    this.records = new CommittedRecords(bootstrapServers, topicPrefix);
  }

  /**
   * What the audit found.
   *
   * @param requests images that crawled pages and images asked for
   * @param rejectedByReason outcomes of image.rejected that end a request
   * @param duplicatesByMethod outcomes of image.duplicate
   * @param unique outcomes of image.unique
   * @param repeated request ids with more than one outcome; must be empty
   * @param unreadable refusals that end no request: records that no one could read
   * @param retracted unique images that image.retracted withdrew
   * @param curated records of image.curated
   * @param features unique images with a feature, less those that were retracted
   * @param verdictMillis from taking up a request to its verdict, sorted
   * @param featureMillis from becoming unique to the first feature, sorted; of images that became
   *     unique when there was a champion already, for the others waited for the first one
   */
  public record Findings(
      long requests,
      Map<String, Long> rejectedByReason,
      Map<String, Long> duplicatesByMethod,
      long unique,
      Set<String> repeated,
      long unreadable,
      long retracted,
      long curated,
      long features,
      long[] verdictMillis,
      long[] featureMillis) {
    public long rejected() {
      return sum(rejectedByReason);
    }

    public long duplicates() {
      return sum(duplicatesByMethod);
    }

    public long outcomes() {
      return rejected() + duplicates() + unique;
    }

    /** Whether every unique image that was not retracted has a feature. */
    public boolean described() {
      return features >= unique - retracted;
    }

    /** Every request has exactly one outcome. */
    public boolean conserved() {
      return repeated.isEmpty() && requests == outcomes();
    }

    private static long sum(Map<String, Long> counts) {
      return counts.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  /** Reads everything that is committed now. */
  public Findings run() {
    Tally tally = new Tally();
    records.forEach(
        "crawl.pages", "CrawledPage", record -> tally.requests += imagesOf(record.value()));
    records.forEach("crawl.images", "CrawledImage", record -> tally.requests++);
    records.forEach("image.rejected", "RejectedImage", tally::rejected);
    records.forEach("image.duplicate", "DuplicateImage", tally::duplicate);
    records.forEach("image.unique", "UniqueImage", tally::unique);
    records.forEach("image.retracted", "RetractedImage", tally::retracted);
    records.forEach("image.curated", "CuratedImage", record -> tally.curated++);
    records.forEach("image.feature", "ImageFeature", tally::feature);
    return tally.findings();
  }

  private static int imagesOf(GenericRecord page) {
    if ((int) page.get("http_status") != 200) {
      return 0;
    }
    ByteBuffer body = ((ByteBuffer) page.get("body")).duplicate();
    Matcher matcher = IMAGE.matcher(StandardCharsets.UTF_8.decode(body));
    Set<String> urls = new LinkedHashSet<>();
    while (matcher.find()) {
      urls.add(matcher.group(1));
    }
    return urls.size();
  }

  /** Microseconds since 1970. */
  private record FirstFeature(long decidedAt, long computedAt) {}

  private static final class Tally {
    private long requests;
    private long uniqueImages;
    private long unreadable;
    private long curated;
    private final Map<String, Long> rejected = new TreeMap<>();
    private final Map<String, Long> duplicates = new TreeMap<>();
    private final Set<String> seen = new HashSet<>();
    private final Set<String> repeated = new HashSet<>();
    private final Set<String> retracted = new HashSet<>();
    private final List<Long> verdicts = new ArrayList<>();
    private final Map<String, FirstFeature> firstFeatures = new HashMap<>();

    void rejected(Committed record) {
      String reason = record.value().get("reason").toString();
      if (reason.equals("UNREADABLE_RECORD")) {
        unreadable++;
        return;
      }
      rejected.merge(reason, 1L, Long::sum);
      outcome(record.value());
    }

    void duplicate(Committed record) {
      duplicates.merge(record.value().get("method").toString(), 1L, Long::sum);
      outcome(record.value());
      verdict(record.value());
    }

    void unique(Committed record) {
      uniqueImages++;
      outcome(record.value());
      verdict(record.value());
    }

    void retracted(Committed record) {
      retracted.add(record.value().get("image_id").toString());
    }

    void feature(Committed record) {
      FirstFeature feature =
          new FirstFeature(
              (long) record.value().get("decided_at"), (long) record.value().get("computed_at"));
      firstFeatures.merge(
          record.value().get("image_id").toString(),
          feature,
          (a, b) -> a.computedAt() <= b.computedAt() ? a : b);
    }

    private LongStream featureMillis() {
      long championSince =
          firstFeatures.values().stream().mapToLong(FirstFeature::computedAt).min().orElse(0);
      return firstFeatures.values().stream()
          .filter(feature -> feature.decidedAt() >= championSince)
          .mapToLong(feature -> (feature.computedAt() - feature.decidedAt()) / 1000);
    }

    private void outcome(GenericRecord outcome) {
      String requestId = outcome.get("request_id").toString();
      if (!seen.add(requestId)) {
        repeated.add(requestId);
      }
    }

    private void verdict(GenericRecord outcome) {
      verdicts.add(millisBetween(outcome, "requested_at", "decided_at"));
    }

    private static long millisBetween(GenericRecord record, String from, String to) {
      return ((long) record.get(to) - (long) record.get(from)) / 1000;
    }

    Findings findings() {
      return new Findings(
          requests,
          rejected,
          duplicates,
          uniqueImages,
          repeated,
          unreadable,
          retracted.size(),
          curated,
          firstFeatures.keySet().stream().filter(id -> !retracted.contains(id)).count(),
          sorted(verdicts.stream().mapToLong(Long::longValue)),
          sorted(featureMillis()));
    }

    private static long[] sorted(LongStream values) {
      return values.sorted().toArray();
    }
  }
}
