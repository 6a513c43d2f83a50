package io.freshet.schemas;

import java.time.Duration;
import java.util.List;

/** Every topic of Freshet, in the order in which an image meets them. */
public final class Topics {
  public static final Topic<CrawledPage> CRAWL_PAGES =
      Topic.deleted("crawl.pages", CrawledPage.class, Duration.ofDays(7), CrawledPage::getUrl);
  public static final Topic<CrawledImage> CRAWL_IMAGES =
      Topic.deleted(
          "crawl.images", CrawledImage.class, Duration.ofDays(7), CrawledImage::getImageUrl);
  public static final Topic<IngestedImage> IMAGE_INGESTED =
      Topic.deleted(
          "image.ingested", IngestedImage.class, Duration.ofDays(30), IngestedImage::getImageId);
  public static final Topic<RejectedImage> IMAGE_REJECTED =
      Topic.deleted(
          "image.rejected", RejectedImage.class, Duration.ofDays(90), RejectedImage::getRequestId);
  public static final Topic<UniqueImage> IMAGE_UNIQUE =
      Topic.kept("image.unique", UniqueImage.class, UniqueImage::getImageId);
  public static final Topic<DuplicateImage> IMAGE_DUPLICATE =
      Topic.deleted(
          "image.duplicate", DuplicateImage.class, Duration.ofDays(90), DuplicateImage::getImageId);
  public static final Topic<RetractedImage> IMAGE_RETRACTED =
      Topic.kept("image.retracted", RetractedImage.class, RetractedImage::getImageId);
  public static final Topic<SeedImage> SEED_REGISTERED =
      Topic.compacted(
          "seed.registered",
          SeedImage.class,
          seed -> seed.getDataset() + "/" + seed.getRole() + "/" + seed.getFile());
  public static final Topic<CuratedImage> IMAGE_CURATED =
      Topic.kept("image.curated", CuratedImage.class, CuratedImage::getImageId);
  public static final Topic<PassedImage> IMAGE_PASSED =
      Topic.deleted(
          "image.passed", PassedImage.class, Duration.ofDays(30), PassedImage::getImageId);
  public static final Topic<CurationWindow> CURATION_WINDOW =
      Topic.kept(
          "curation.window", CurationWindow.class, window -> Long.toString(window.getWindow()));
  public static final Topic<TrainingStep> TRAINING_STEP =
      Topic.kept("training.step", TrainingStep.class, TrainingStep::getRunId);
  public static final Topic<TrainingExchange> TRAINING_EXCHANGE =
      Topic.kept("training.exchange", TrainingExchange.class, TrainingExchange::getGroup);
  public static final Topic<ModelPublished> MODEL_PUBLISHED =
      Topic.compacted("model.published", ModelPublished.class, ModelPublished::getName);
  public static final Topic<ImageFeature> IMAGE_FEATURE =
      Topic.compacted(
          "image.feature",
          ImageFeature.class,
          feature -> feature.getImageId() + "|" + feature.getCls().getSpaceId());
  public static final Topic<PatchFeature> IMAGE_PATCH_FEATURE =
      Topic.compacted(
          "image.patch_feature",
          PatchFeature.class,
          feature -> feature.getImageId() + "|" + feature.getSpaceId());
  public static final Topic<BackfillOrder> FEATURE_BACKFILL =
      Topic.compacted("feature.backfill", BackfillOrder.class, order -> "backfill");
  public static final Topic<BackfillProgress> FEATURE_BACKFILL_PROGRESS =
      Topic.compacted(
          "feature.backfill.progress",
          BackfillProgress.class,
          progress -> Integer.toString(progress.getBucket()));
  public static final Topic<Revocation> IMAGE_REVOKED =
      Topic.kept("image.revoked", Revocation.class, Revocation::getTarget);

  private static final List<Topic<?>> ALL =
      List.of(
          CRAWL_PAGES,
          CRAWL_IMAGES,
          IMAGE_INGESTED,
          IMAGE_REJECTED,
          IMAGE_UNIQUE,
          IMAGE_DUPLICATE,
          IMAGE_RETRACTED,
          SEED_REGISTERED,
          IMAGE_CURATED,
          IMAGE_PASSED,
          CURATION_WINDOW,
          TRAINING_STEP,
          TRAINING_EXCHANGE,
          MODEL_PUBLISHED,
          IMAGE_FEATURE,
          IMAGE_PATCH_FEATURE,
          FEATURE_BACKFILL,
          FEATURE_BACKFILL_PROGRESS,
          IMAGE_REVOKED);

  private Topics() {}

  public static List<Topic<?>> all() {
    return ALL;
  }
}
