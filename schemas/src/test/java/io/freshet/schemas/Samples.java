package io.freshet.schemas;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecordBase;

/** Two fixed records of each topic: one with every field, one with the least. */
final class Samples {
  private static final Instant AT = Instant.parse("2026-11-01T12:34:56.789012Z");
  private static final String IMAGE = "0123456789abcdef".repeat(4);
  private static final String KEPT = "fedcba9876543210".repeat(4);
  private static final String OTHER = "ffeeddccbbaa9988".repeat(4);
  private static final String REQUEST = "00112233445566778899aabbccddeeff";
  private static final String SPACE = "bootstrap@1/features/l2";

  private Samples() {}

  static List<SpecificRecordBase> of(Class<?> type) {
    return ALL.get(type);
  }

  private static final Map<Class<?>, List<SpecificRecordBase>> ALL = all();

  private static Map<Class<?>, List<SpecificRecordBase>> all() {
    Map<Class<?>, List<SpecificRecordBase>> all = new HashMap<>();
    all.put(
        CrawledPage.class, List.of(page("text/html", Map.of("etag", "x")), page(null, Map.of())));
    all.put(
        CrawledImage.class,
        List.of(crawled("https://e.org/", "A \u00e9 \ud83d\ude00"), crawled(null, null)));
    all.put(IngestedImage.class, List.of(ingested(bytes(1, 2, 3), 0.25f), ingested(null, null)));
    all.put(RejectedImage.class, List.of(rejected("https://e.org/a.jpg"), rejected(null)));
    all.put(UniqueImage.class, List.of(unique(vector()), unique(null)));
    all.put(DuplicateImage.class, List.of(duplicate(SPACE), duplicate(null)));
    all.put(
        RetractedImage.class,
        List.of(
            RetractedImage.newBuilder()
                .setImageId(IMAGE)
                .setKeptImageId(KEPT)
                .setCause(RetractionCause.MERGED)
                .setAt(AT)
                .setMethod(DuplicateMethod.HASH)
                .setScore(12f)
                .setThreshold(31f)
                .setOwnImageId(IMAGE)
                .setEvidenceImageId(OTHER)
                .build(),
            RetractedImage.newBuilder()
                .setImageId(IMAGE)
                .setCause(RetractionCause.BENCHMARK_ADDED)
                .setAt(Instant.EPOCH)
                .setBenchmarkDataset("oxford-hard")
                .build()));
    all.put(SeedImage.class, List.of(seed("query"), seed(null)));
    all.put(
        CuratedImage.class,
        List.of(curated(CurationStrategy.SAMPLE), curated(CurationStrategy.UNKNOWN)));
    all.put(
        PassedImage.class,
        List.of(passed(PassReason.OUTBID, 0.5f), passed(PassReason.UNREADABLE, null)));
    all.put(
        CurationWindow.class,
        List.of(
            window(List.of(new DatasetFunnel("photos", 100, 40, 20, 5)), List.of(9, 3), 0.25),
            window(List.of(), List.of(), null)));
    all.put(TrainingStep.class, List.of(step(1.5), step(-0.0)));
    all.put(
        TrainingExchange.class,
        List.of(
            exchange(ExchangeKind.DELTA, List.of(blob())), exchange(ExchangeKind.JOIN, List.of())));
    all.put(ModelPublished.class, List.of(published(List.of("champion")), published(List.of())));
    all.put(
        ImageFeature.class,
        List.of(
            new ImageFeature(IMAGE, vector(), vector(), AT, AT),
            new ImageFeature(IMAGE, vector(), null, AT, AT)));
    all.put(
        PatchFeature.class,
        List.of(
            PatchFeatures.of(
                IMAGE, "freshet@12/patch/none", 2, 1, new float[] {1, -2, 0.5f, 0}, AT, AT),
            new PatchFeature(
                "", "", 1, 1, 1, VectorType.FLOAT32, bytes(0, 0, 0, 0), Instant.EPOCH, AT)));
    all.put(
        BackfillOrder.class,
        List.of(
            new BackfillOrder("freshet@3", true, 12.5, AT),
            new BackfillOrder("", false, 0.0, Instant.EPOCH)));
    all.put(
        BackfillProgress.class,
        List.of(
            new BackfillProgress(3, SPACE, AT, 1_000L, 500L, 20L, 1L, AT, AT.plusSeconds(60)),
            new BackfillProgress(
                0, "", Instant.EPOCH, 0L, 0L, 0L, 0L, Instant.EPOCH, Instant.EPOCH)));
    all.put(
        Revocation.class,
        List.of(new Revocation("abc", "opt-out", AT), new Revocation("", "", Instant.EPOCH)));
    return all;
  }

  private static CrawledPage page(String contentType, Map<String, String> headers) {
    return new CrawledPage(
        "https://e.org/", AT, 200, new HashMap<>(headers), contentType, bytes('<', 'p', '>'));
  }

  private static CrawledImage crawled(String page, String alt) {
    return new CrawledImage(
        "https://e.org/a.jpg", page, alt, AT, new HashMap<>(), bytes(0xff, 0xd8, 0xff));
  }

  private static IngestedImage ingested(ByteBuffer pcaHash, Float score) {
    return new IngestedImage(
        REQUEST,
        IMAGE,
        blob(),
        640,
        480,
        new Original(ImageFormat.WEBP, 12_345, sha(9)),
        source(),
        AT,
        AT,
        AT,
        new Pdq256(filled(0xa5)),
        100,
        pcaHash,
        2,
        new SafetyScores(score, score));
  }

  private static RejectedImage rejected(String url) {
    return new RejectedImage(
        REQUEST,
        url,
        "ingest",
        RejectionReason.TOO_MANY_PIXELS,
        "PNG of 50000x50000 pixels, the limit is 64000000",
        new Origin("crawl.images", 3, 1L << 40),
        AT);
  }

  private static UniqueImage unique(Vector embedding) {
    return new UniqueImage(
        REQUEST, IMAGE, blob(), 640, 480, IMAGE, embedding, source(), AT, AT, AT);
  }

  private static DuplicateImage duplicate(String space) {
    return new DuplicateImage(
        REQUEST,
        IMAGE,
        blob(),
        KEPT,
        KEPT,
        DuplicateMethod.COPY_EMBEDDING,
        0.875f,
        0.6f,
        space,
        source(),
        AT,
        AT,
        space == null ? null : OTHER,
        space == null ? null : "oxford-hard");
  }

  private static SeedImage seed(String split) {
    return new SeedImage(
        IMAGE, blob(), "photos", "coffee", SeedRole.EVALUATION, split, "coffee/17.png", AT);
  }

  private static CuratedImage curated(CurationStrategy strategy) {
    return new CuratedImage(
        IMAGE,
        blob(),
        "photos",
        strategy,
        KEPT,
        0.5f,
        1,
        42L,
        SPACE,
        AT,
        strategy == CurationStrategy.SAMPLE ? 0.25f : null);
  }

  private static PassedImage passed(PassReason reason, Float similarity) {
    boolean isCompared = similarity != null;
    return new PassedImage(
        IMAGE,
        reason,
        isCompared ? "photos" : null,
        isCompared ? KEPT : null,
        similarity,
        0.25f,
        42L,
        SPACE,
        AT);
  }

  private static CurationWindow window(
      List<DatasetFunnel> funnels, List<Integer> clusterSizes, Double drift) {
    return new CurationWindow(42L, SPACE, 4_096, 2, 1, funnels, 7, clusterSizes, drift, drift, AT);
  }

  private static TrainingStep step(double loss) {
    return new TrainingStep(
        "run-1",
        1_000L,
        64_000L,
        List.of(new TopicOffset("image.curated", 0, 17L)),
        new HashMap<>(Map.of("total", loss)),
        1e-3,
        0.04,
        0.996,
        0.07,
        new HashMap<>(Map.of("backbone", 2.5)),
        new HashMap<>(),
        false,
        250.5,
        1.25,
        AT);
  }

  private static TrainingExchange exchange(ExchangeKind kind, List<BlobRef> payload) {
    return new TrainingExchange(
        "trainers", "worker-1-k3f9a1", kind, 7L, -559_038_737, 1_600L, payload, AT);
  }

  private static ModelPublished published(List<String> aliases) {
    return new ModelPublished(
        "freshet",
        12,
        sha(7),
        "http://localhost:8080/models/freshet/12",
        "dinov2_vitt8",
        192,
        8,
        56,
        "run-1",
        1_000L,
        64_000L,
        List.of(new TopicOffset("image.curated", 1, 4L)),
        new HashMap<>(Map.of("knn_top1/photos", 0.625)),
        aliases.isEmpty()
            ? List.of()
            : List.of(new Adapter("freshet@11/cls/l2", "orthogonal", 0.5f)),
        aliases,
        AT);
  }

  private static Vector vector() {
    return Vectors.of(SPACE, new float[] {1, -0.5f, 0.25f});
  }

  private static BlobRef blob() {
    return new BlobRef("ingest-0-20261101t000000z-k3f9a1-00001.tar", 512L, 4_096, sha(1));
  }

  private static SourceUrls source() {
    return new SourceUrls("https://e.org/a.jpg", "https://e.org/", "a cup of coffee");
  }

  private static Sha256 sha(int fill) {
    return new Sha256(filled(fill));
  }

  private static byte[] filled(int fill) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) fill);
    return bytes;
  }

  private static ByteBuffer bytes(int... values) {
    ByteBuffer buffer = ByteBuffer.allocate(values.length);
    for (int value : values) {
      buffer.put((byte) value);
    }
    return buffer.flip();
  }
}
