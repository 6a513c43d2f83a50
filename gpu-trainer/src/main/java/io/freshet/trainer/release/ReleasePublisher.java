package io.freshet.trainer.release;

import io.freshet.platform.registry.AliasMove;
import io.freshet.platform.registry.Manifest;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.PublishOutcome;
import io.freshet.platform.registry.PublishOutcome.Conflict;
import io.freshet.platform.registry.PublishOutcome.Published;
import io.freshet.platform.registry.PublishOutcome.Unknown;
import io.freshet.platform.registry.RegistryException;
import io.freshet.platform.registry.Release;
import io.freshet.platform.registry.ReleaseAlteredException;
import io.freshet.platform.registry.ReleaseAnnouncement;
import io.freshet.schemas.ModelPublished;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a release known, in the order that leaves nothing half done: registry, aliases,
 * announcement. A crash after any of them is made good by {@link #repair}: the registry is the
 * truth, an alias or an announcement that is missing is made up for. A release whose publication
 * ended unknown is looked for again and never deleted.
 *
 * <p>Not thread-safe: one owner at a time; other trainers may publish other models meanwhile.
 */
public final class ReleasePublisher {
  public static final String CANDIDATE = "candidate";
  public static final String CHAMPION = "champion";
  public static final String CURATION = "curation";

  private static final Logger LOG = LoggerFactory.getLogger(ReleasePublisher.class);
  private static final int ATTEMPTS = 5;

  private final ModelRegistry registry;
  private final Announcer announcer;
  private final String model;
  private final boolean moveAliases;
  private final boolean moveCuration;
  private final PromotionGate gate;
  private final Clock clock;
  private int announced;

  /** Says that a release is there; returns when that is durable. */
  @FunctionalInterface
  public interface Announcer {
    void announce(ModelPublished announcement);
  }

  /** Publishes the model of the run, which aliases follow. */
  public ReleasePublisher(
      ModelRegistry registry, Announcer announcer, ReleaseConfig config, Clock clock) {
    this(registry, announcer, config.model(), true, config, clock);
  }

  private ReleasePublisher(
      ModelRegistry registry,
      Announcer announcer,
      String model,
      boolean moveAliases,
      ReleaseConfig config,
      Clock clock) {
    this.registry = registry;
    this.announcer = announcer;
    this.model = model;
    this.moveAliases = moveAliases;
    this.moveCuration = config.moveCuration();
    this.gate = new PromotionGate(config.bounds());
    this.clock = clock;
  }

  /** Publishes a student: no alias moves, for they are the teacher's. */
  public static ReleasePublisher ofStudent(
      String model,
      ModelRegistry registry,
      Announcer announcer,
      ReleaseConfig config,
      Clock clock) {
    return new ReleasePublisher(registry, announcer, model, false, config, clock);
  }

  /**
   * What the gate makes of a release before it is published. Its evidence belongs among the metrics
   * of the release: without it the release stays a candidate.
   *
   * @param metrics of the release
   * @param registered the EVALUATION sets that are registered
   * @param alarm why nothing of the run may be released now
   * @return empty for a student, which becomes no champion
   */
  public Optional<Judgement> judge(
      Map<String, Double> metrics, Set<String> registered, Optional<String> alarm) {
    if (!moveAliases) {
      return Optional.empty();
    }
    try {
      return Optional.of(gate.champion(metrics, registered, champion(), alarm));
    } catch (ReleaseAlteredException e) {
      String reason = "it can't be held against the champion: " + e.getMessage();
      return Optional.of(new Judgement(false, reason, Map.of()));
    }
  }

  /**
   * @throws ReleaseAlteredException when its manifest isn't what was published
   */
  private Optional<PromotionGate.Champion> champion() {
    return registry
        .resolve(CHAMPION)
        .map(registry::manifest)
        .map(
            manifest ->
                new PromotionGate.Champion(
                    manifest.id().toString(), manifest.version(), manifest.metrics()));
  }

  /**
   * Publishes a staged directory, or finishes what an earlier attempt at the same step left.
   * Whether it becomes champion is what its metrics say that the gate decided; when alias {@code
   * champion} was moved since, the release stays a candidate, for the decision was about another
   * champion.
   *
   * @return the release, or empty when others took each number first or the registry could not say
   *     whether it succeeded; trying again later is safe
   */
  public Optional<Manifest> publish(Path staged, Release release) {
    Optional<ModelVersion> earlier = registry.find(model, release.runId(), release.step());
    if (earlier.isPresent()) {
      Manifest manifest = registry.manifest(earlier.orElseThrow());
      LOG.info("{} already holds step {} of {}", manifest.id(), release.step(), release.runId());
      return Optional.of(manifest.version() > announced ? finish(manifest) : manifest);
    }
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      PublishOutcome outcome = registry.publish(model, staged, release);
      if (outcome instanceof Published published) {
        return Optional.of(finish(published.manifest()));
      } else if (outcome instanceof Unknown unknown) {
        LOG.error(
            "whether {} was published is not known ({}); it is looked for at the next release",
            unknown.attempted(),
            unknown.cause());
        return Optional.empty();
      } else if (outcome instanceof Conflict conflict) {
        LOG.warn("{} was taken by someone else, attempt {}", conflict.lastTried(), attempt);
      }
    }
    return Optional.empty();
  }

  private Manifest finish(Manifest manifest) {
    List<String> moved = moveAliases(manifest);
    announcer.announce(ReleaseAnnouncement.of(manifest, moved, clock.instant()));
    announced = Math.max(announced, manifest.version());
    LOG.info("published {} of step {}: {}", manifest.id(), manifest.step(), manifest.metrics());
    tidy();
    return manifest;
  }

  /** The release is there whatever comes of this. */
  private void tidy() {
    try {
      registry.tidy();
    } catch (RegistryException e) {
      LOG.warn("old releases were not removed", e);
    }
  }

  private List<String> moveAliases(Manifest manifest) {
    List<String> moved = new ArrayList<>();
    if (!moveAliases) {
      return moved;
    }
    move(CANDIDATE, manifest, "the newest release", moved);
    if (PromotionGate.promoted(manifest.metrics())) {
      promote(manifest, moved);
    }
    if (moveCuration) {
      PromotionGate.Decision curation = gate.curation(manifest.metrics());
      LOG.info("{} for curation: {}", manifest.id(), curation);
      if (curation.promoted()) {
        move(CURATION, manifest, "the gate: " + curation.reason(), moved);
      }
    }
    return moved;
  }

  private void promote(Manifest manifest, List<String> moved) {
    Optional<PromotionGate.Champion> now;
    try {
      now = champion();
    } catch (ReleaseAlteredException e) {
      LOG.error("{} stays a candidate: the champion was altered meanwhile", manifest.id(), e);
      return;
    }
    if (now.isPresent() && now.get().id().equals(manifest.id().toString())) {
      // The alias moved before a crash.
      moved.add(CHAMPION);
    } else if (PromotionGate.wasHeldAgainst(manifest.metrics(), now)) {
      String why =
          now.map(champion -> "within its bounds of " + champion.id())
              .orElse("there was no champion");
      move(CHAMPION, manifest, "the gate: " + why, moved);
    } else {
      LOG.warn(
          "the gate promoted {} over another champion than {}, where the alias was moved meanwhile; it stays a candidate",
          manifest.id(),
          now.map(PromotionGate.Champion::id).orElse("none"));
    }
  }

  private void move(String alias, Manifest manifest, String reason, List<String> moved) {
    registry.moveAlias(alias, manifest.id(), reason);
    moved.add(alias);
  }

  /**
   * Finishes what a crash interrupted: releases of the model beyond the newest announced one get
   * their aliases and are announced, oldest first. When a rollback was announced last, newer
   * releases are known although their announcements are compacted away. What was altered is passed
   * over.
   *
   * @param newest the newest announcement of the model, when there is one
   */
  public void repair(Optional<ModelPublished> newest) {
    // Where the alias points counts here, also when that release was altered since.
    Optional<ModelVersion> candidate =
        registry.aliasHistory(CANDIDATE).stream().findFirst().map(AliasMove::target);
    for (Manifest manifest : registry.intactManifests(model)) {
      if (wasAnnounced(manifest, newest, candidate)) {
        announced = Math.max(announced, manifest.version());
      } else {
        LOG.warn("{} was published but not announced; it is announced now", manifest.id());
        finish(manifest);
      }
    }
  }

  private static boolean wasAnnounced(
      Manifest manifest, Optional<ModelPublished> newest, Optional<ModelVersion> candidate) {
    if (newest.isEmpty()) {
      return false;
    }
    boolean aliasesMoved =
        candidate
            .filter(alias -> alias.name().equals(manifest.name()))
            .filter(alias -> alias.version() >= manifest.version())
            .isPresent();
    return manifest.version() <= newest.get().getVersion()
        || (aliasesMoved && manifest.createdAt().isBefore(newest.get().getPublishedAt()));
  }
}
