package io.freshet.dedup.flow;

import io.freshet.dedup.component.Benchmark;
import io.freshet.dedup.component.Evidence;
import io.freshet.dedup.component.Verdict;
import io.freshet.dedup.embed.Embedding.Unreadable;
import io.freshet.dedup.settle.Outcome.Duplicate;
import io.freshet.dedup.settle.Outcome.Unique;
import io.freshet.dedup.settle.Settlement.Bounds;
import io.freshet.schemas.DuplicateImage;
import io.freshet.schemas.IngestedImage;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.RetractionCause;
import io.freshet.schemas.UniqueImage;
import io.freshet.schemas.Vectors;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Outcomes as the records of the contract. */
final class OutcomeRecords {
  static final String STAGE = "dedup";
  private static final int MAX_DETAIL_BYTES = 1024;

  private OutcomeRecords() {}

  static UniqueImage unique(Unique unique, Instant at) {
    IngestedImage image = unique.request().image();
    return UniqueImage.newBuilder()
        .setRequestId(image.getRequestId())
        .setImageId(image.getImageId())
        .setBlob(image.getBlob())
        .setWidth(image.getWidth())
        .setHeight(image.getHeight())
        .setComponentId(image.getImageId())
        .setCopyEmbedding(Vectors.of(unique.embedded().spaceId(), unique.embedded().vector()))
        .setSource(image.getSource())
        .setRequestedAt(image.getRequestedAt())
        .setIngestedAt(image.getIngestedAt())
        .setDecidedAt(micros(at))
        .build();
  }

  static DuplicateImage duplicate(Duplicate duplicate, Instant at) {
    IngestedImage image = duplicate.request().image();
    return DuplicateImage.newBuilder()
        .setRequestId(image.getRequestId())
        .setImageId(image.getImageId())
        .setBlob(image.getBlob())
        .setKeptImageId(Benchmark.imageId(duplicate.keptImageId()))
        .setComponentId(Benchmark.imageId(duplicate.keptImageId()))
        .setMethod(duplicate.method())
        .setScore(duplicate.score())
        .setThreshold(duplicate.threshold())
        .setSpaceId(duplicate.spaceId().orElse(null))
        .setEvidenceImageId(duplicate.evidenceImageId().map(Benchmark::imageId).orElse(null))
        .setBenchmarkDataset(Benchmark.dataset(duplicate.keptImageId()).orElse(null))
        .setSource(image.getSource())
        .setRequestedAt(image.getRequestedAt())
        .setDecidedAt(micros(at))
        .build();
  }

  static RejectedImage rejected(Unreadable refused, Instant at) {
    IngestedImage image = refused.request().image();
    return RejectedImage.newBuilder()
        .setRequestId(image.getRequestId())
        .setUrl(image.getSource().getImageUrl())
        .setStage(STAGE)
        .setReason(refused.reason())
        .setDetail(cut(refused.detail()))
        .setOrigin(refused.request().origin())
        .setAt(micros(at))
        .build();
  }

  static RetractedImage retracted(Verdict verdict, Bounds bounds, Instant at) {
    boolean isMerged = verdict.kind() == Verdict.Kind.RETRACTED;
    RetractedImage.Builder record =
        RetractedImage.newBuilder()
            .setImageId(verdict.imageId())
            .setKeptImageId(isMerged ? verdict.keptImageId() : null)
            .setCause(isMerged ? RetractionCause.MERGED : RetractionCause.BENCHMARK_ADDED)
            .setAt(micros(at))
            .setBenchmarkDataset(Benchmark.dataset(verdict.keptImageId()).orElse(null));
    for (Evidence evidence : verdict.evidence()) {
      record
          .setMethod(evidence.method())
          .setScore(evidence.score())
          .setThreshold(bounds.metBy(evidence))
          .setOwnImageId(evidence.imageId())
          .setEvidenceImageId(Benchmark.imageId(evidence.otherImageId()));
    }
    return record.build();
  }

  private static String cut(String detail) {
    byte[] bytes = detail.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= MAX_DETAIL_BYTES) {
      return detail;
    }
    int end = MAX_DETAIL_BYTES;
    while ((bytes[end] & 0xc0) == 0x80) {
      end--;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }

  private static Instant micros(Instant at) {
    return at.truncatedTo(ChronoUnit.MICROS);
  }
}
