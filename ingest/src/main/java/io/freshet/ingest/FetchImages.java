package io.freshet.ingest;

import io.freshet.ingest.fetch.DaemonThreads;
import io.freshet.ingest.fetch.FetchConfig;
import io.freshet.ingest.fetch.FetchResult;
import io.freshet.ingest.fetch.HostLanes;
import io.freshet.ingest.fetch.ImageFetcher;
import io.freshet.ingest.fetch.SystemAddressResolver;
import io.freshet.ingest.fetch.UrlConfig;
import io.freshet.ingest.fetch.UrlPolicy;
import io.freshet.ingest.intake.FetchedImage;
import io.freshet.ingest.intake.ImageRequest;
import io.freshet.ingest.intake.Refusals;
import io.freshet.schemas.RejectedImage;
import io.freshet.schemas.RejectionReason;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;
import org.apache.flink.types.Either;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches images beside the task thread. Each request is answered once, with bytes or a refusal;
 * attempts are repeated inside the fetch and the operator's own timeout lies far beyond all of
 * them, so a late answer and a timeout don't race. A request under way is part of every checkpoint
 * and is taken up again after a restart.
 */
final class FetchImages
    extends RichAsyncFunction<ImageRequest, Either<RejectedImage, FetchedImage>> {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(FetchImages.class);
  private static final Duration MARGIN = Duration.ofMinutes(1);

  private final UrlConfig urls;
  private final FetchConfig config;
  private final Clock clock;
  private transient ExecutorService threads;
  private transient HostLanes lanes;
  private transient SystemAddressResolver resolver;
  private transient ImageFetcher fetcher;
  private transient Refusals refusals;
  private transient volatile boolean closing;

  FetchImages(UrlConfig urls, FetchConfig config, Clock clock) {
    this.urls = urls;
    this.config = config;
    this.clock = clock;
  }

  /** Longer than any request takes by the fetch's own limits. */
  Duration operatorTimeout() {
    return config.load().maxWait().plus(config.deadline()).plus(MARGIN);
  }

  @Override
  public void open(OpenContext context) {
    int subtask = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
    threads =
        Executors.newFixedThreadPool(
            config.load().threads(), DaemonThreads.named("freshet-fetch-" + subtask));
    lanes = new HostLanes(threads, config.load().perHost());
    resolver = new SystemAddressResolver(config.load().threads());
    fetcher = new ImageFetcher(config, new UrlPolicy(urls), resolver, clock);
    refusals = new Refusals(clock);
  }

  @Override
  public void asyncInvoke(
      ImageRequest request, ResultFuture<Either<RejectedImage, FetchedImage>> answer) {
    long since = System.nanoTime();
    lanes.submit(request.host(), () -> answer(request, since, answer));
  }

  @Override
  public void timeout(
      ImageRequest request, ResultFuture<Either<RejectedImage, FetchedImage>> answer) {
    answer.complete(
        List.of(
            refused(
                request,
                RejectionReason.FETCH_TIMEOUT,
                "no answer within %s".formatted(operatorTimeout()))));
  }

  private void answer(
      ImageRequest request, long since, ResultFuture<Either<RejectedImage, FetchedImage>> answer) {
    Either<RejectedImage, FetchedImage> outcome;
    try {
      outcome = fetch(request, Duration.ofNanos(System.nanoTime() - since));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    } catch (Exception e) {
      outcome = refused(request, RejectionReason.INTERNAL, "unexpected failure: " + e);
      if (!closing) {
        LOG.error("request {} failed unexpectedly", request.requestId(), e);
      }
    } catch (Error e) {
      answer.completeExceptionally(e);
      throw e;
    }
    // What a closing fetcher says is no fact about the image. Without an answer the request stays
    // in
    // the last checkpoint, which is the truth.
    if (!closing) {
      answer.complete(List.of(outcome));
    }
  }

  private Either<RejectedImage, FetchedImage> fetch(ImageRequest request, Duration waited)
      throws InterruptedException {
    Duration maxWait = config.load().maxWait();
    if (waited.compareTo(maxWait) > 0) {
      return refused(
          request,
          RejectionReason.FETCH_TIMEOUT,
          "host %s is too slow: %d ms in its queue, at most %d ms are waited"
              .formatted(request.host(), waited.toMillis(), maxWait.toMillis()));
    }
    FetchResult result = fetcher.fetch(request.imageUrl());
    if (result instanceof FetchResult.Fetched fetched) {
      return Either.Right(new FetchedImage(request, fetched.body(), fetched.at()));
    }
    FetchResult.Refused refused = (FetchResult.Refused) result;
    return refused(request, refused.reason(), refused.detail());
  }

  private Either<RejectedImage, FetchedImage> refused(
      ImageRequest request, RejectionReason reason, String detail) {
    return Either.Left(refusals.of(request, reason, detail));
  }

  @Override
  public void close() {
    closing = true;
    if (threads != null) {
      threads.shutdownNow();
    }
    if (fetcher != null) {
      fetcher.close();
    }
    if (resolver != null) {
      resolver.close();
    }
  }
}
