package io.freshet.trainer.release;

import io.freshet.platform.registry.RegistryException;
import io.freshet.platform.registry.ReleaseCatalog;
import io.freshet.trainer.evaluate.plot.VersionHistory;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a release comes from: the versions before it, and what curation made of the crawl. A
 * release is made all the same when either can't be read. One thread at a time.
 */
public final class Lineage {
  private static final Logger LOG = LoggerFactory.getLogger(Lineage.class);

  private final ReleaseCatalog catalog;
  private final Supplier<Optional<DataFunnel>> funnel;
  private final Clock clock;

  /**
   * @param funnel as far as it is known now; returns in bounded time
   */
  public Lineage(ReleaseCatalog catalog, Supplier<Optional<DataFunnel>> funnel, Clock clock) {
    this.catalog = catalog;
    this.funnel = funnel;
    this.clock = clock;
  }

  /** What curation made of the crawl until now; empty when it can't be read. */
  public Optional<DataFunnel> funnel() {
    return funnel.get();
  }

  /**
   * The versions of a model that were not altered, and after them the one that is about to be
   * published; empty when the registry can't be read or alias {@code champion} was altered.
   *
   * @param metrics of the release that is about to be published
   */
  public Optional<VersionHistory> versions(String model, Map<String, Double> metrics) {
    try {
      return Optional.of(ReleasedVersions.withNext(catalog, model, metrics, clock.instant()));
    } catch (RegistryException e) {
      LOG.warn("the next release of {} gets no picture of the versions before it", model, e);
      return Optional.empty();
    }
  }
}
