package io.freshet.deploy.report;

import io.freshet.deploy.audit.DeliveryAudit.Findings;
import io.freshet.deploy.report.DemoReport.QualityLine;
import io.freshet.platform.blob.BlobConfig;
import io.freshet.platform.blob.BlobStores;
import io.freshet.platform.config.Config;
import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.trainer.release.Metrics;
import io.freshet.trainer.release.ReleaseConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Puts the report of a run together from the audit's findings, the ledger and the registry: nothing
 * in it is taken on the word of the stage that it is about.
 */
public final class ReportBuilder {
  private static final String PHOTOS = "photos";
  private static final String DRAWINGS = "drawings";

  private final Config config;
  private final Findings findings;
  private final Ledger ledger;
  private final ModelRegistry registry;
  private final List<Manifest> releases;
  private final ReportPictures pictures;
  private final DemoReport report;

  /**
   * @param began when this run was started
   * @param ended when everything had drained
   */
  public ReportBuilder(Config config, Findings findings, Instant began, Instant ended) {
    String model = config.section("trainer.release", ReleaseConfig.class).model();
    KafkaConfig kafka = config.section("kafka", KafkaConfig.class);
    this.config = config;
    this.findings = findings;
    this.ledger = Ledger.read(kafka);
    this.registry = ModelRegistries.open(config.section("registry", RegistryConfig.class));
    this.releases = registry.intactManifests(model);
    this.pictures =
        new ReportPictures(kafka, BlobStores.open(config.section("blobs", BlobConfig.class)));
    this.report = figures(began, Duration.between(began, ended));
  }

  public DemoReport report() {
    return report;
  }

  /** Writes {@code report.json} and {@code report.html} into the directory. */
  public void write(Path directory) {
    writeJson(directory.resolve("report.json"));
    ReportPage.writeHtml(content(), directory.resolve("report.html"));
  }

  public void writeJson(Path file) {
    ReportPage.writeJson(report, file);
  }

  private DemoReport figures(Instant began, Duration ran) {
    DemoReport.Counts counts =
        new DemoReport.Counts(
            findings.requests(),
            findings.rejectedByReason(),
            findings.duplicatesByMethod(),
            findings.unique(),
            findings.retracted(),
            findings.curated(),
            findings.features());
    boolean closed =
        findings.conserved()
            && findings.curated() > 0
            && findings.features() > 0
            && !releases.isEmpty();
    return new DemoReport(
        closed,
        ran.toMillis() / 60_000.0,
        counts,
        new DemoReport.Conservation(
            findings.conserved(),
            findings.requests(),
            findings.outcomes(),
            findings.repeated().size()),
        new DemoReport.Training(
            ledger.steps(),
            ledger.imagesSeen(),
            ledger.stepMillis(),
            ledger.lossFirst(),
            ledger.lossLast(),
            percent(Metrics.UNTRAINED_TOP1)),
        releases.stream().map(ReportBuilder::line).toList(),
        quality(),
        new DemoReport.LatencyMillis(
            percentile(findings.verdictMillis(), 0.5),
            percentile(findings.verdictMillis(), 0.99),
            percentile(findings.featureMillis(), 0.5),
            percentile(findings.featureMillis(), 0.99)),
        ProcessMemory.peakResidentMegabytes(),
        releases.stream()
            .map(Manifest::createdAt)
            .filter(began::isBefore)
            .findFirst()
            .map(first -> Duration.between(began, first).toMillis() / 1000.0)
            .orElse(null),
        Versions.ofThisProcess());
  }

  private List<QualityLine> quality() {
    List<QualityLine> lines = new ArrayList<>();
    last()
        .ifPresent(
            release -> {
              lines.add(measured("untrained network", percent(Metrics.UNTRAINED_TOP1)));
              lines.add(measured(release.id() + ", the last release", percent(Metrics.KNN_TOP1)));
              lines.add(measured("raw 16 x 16 pixels", percent(Metrics.RAW_PIXELS_TOP1)));
              lines.add(measured("the same, mean removed", percent(Metrics.CENTRED_PIXELS_TOP1)));
            });
    lines.add(ReferenceFigures.originalAt(ledger.imagesSeen()));
    return lines;
  }

  private static QualityLine measured(String name, Map<String, Double> percent) {
    return new QualityLine(name, percent.get(PHOTOS), percent.get(DRAWINGS));
  }

  private Map<String, Double> percent(String prefix) {
    return last().map(release -> percent(release, prefix)).orElse(Map.of());
  }

  private static Map<String, Double> percent(Manifest release, String prefix) {
    Map<String, Double> percent = new TreeMap<>();
    Metrics.under(prefix, release.metrics()).forEach((set, share) -> percent.put(set, 100 * share));
    return percent;
  }

  private Optional<Manifest> last() {
    return releases.isEmpty() ? Optional.empty() : Optional.of(releases.get(releases.size() - 1));
  }

  private static DemoReport.ReleaseLine line(Manifest release) {
    return new DemoReport.ReleaseLine(
        release.id().toString(),
        release.step(),
        release.imagesSeen(),
        percent(release, Metrics.KNN_TOP1),
        release.createdAt().toString());
  }

  private static Long percentile(long[] sorted, double share) {
    return sorted.length == 0
        ? null
        : sorted[(int) Math.min(sorted.length - 1, share * sorted.length)];
  }

  private ReportPage.Content content() {
    return new ReportPage.Content(
        report,
        String.format(Locale.ROOT, "A run of %.1f minutes on this machine.", report.minutes()),
        verdict(),
        report.knnTop1Percent(),
        ledger.curves(),
        new ReportPage.KnnCurve(
            releases.stream().map(Manifest::step).toList(),
            releases.stream()
                .map(release -> percent(release, Metrics.KNN_TOP1).get(PHOTOS))
                .toList(),
            releases.stream()
                .map(release -> percent(release, Metrics.KNN_TOP1).get(DRAWINGS))
                .toList()),
        neighbours(),
        pictures.duplicates(),
        pictures.kept(),
        pictures.rejected());
  }

  private String verdict() {
    Double before = percent(Metrics.UNTRAINED_TOP1).get(PHOTOS);
    Double after = percent(Metrics.KNN_TOP1).get(PHOTOS);
    if (before == null || after == null) {
      return "No release was evaluated.";
    }
    return String.format(
        Locale.ROOT,
        "On squares that the trainer never saw, k-NN on photos went from %.1f %% for the untrained network to %.1f %% for the last release: %+.1f points.",
        before,
        after,
        after - before);
  }

  private List<NeighbourWall.Line> neighbours() {
    if (last().isEmpty()) {
      return List.of();
    }
    try (NeighbourModels models = NeighbourModels.open(config, registry, last().orElseThrow())) {
      return pictures.neighbours(PHOTOS, models.untrained(), models.released());
    }
  }
}
