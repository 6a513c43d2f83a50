package io.freshet.platform.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.objects.S3Location;
import io.freshet.platform.objects.S3ObjectStore;
import io.freshet.platform.registry.PublishOutcome.Published;
import io.freshet.platform.registry.PublishOutcome.Unknown;
import io.freshet.platform.testing.JavaSerialization;
import io.freshet.platform.testing.s3.S3Fault;
import io.freshet.platform.testing.s3.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BucketRegistryTest extends ModelRegistryContract {
  private static final RetentionPolicy SWEEPING =
      new RetentionPolicy(true, 1, Duration.ZERO, Duration.ofHours(2));

  @Override
  RegistryFixture fixture(Path dir) {
    return ServerBucketFixture.in(dir);
  }

  @Override
  int trials() {
    return 60;
  }

  private S3Server server() {
    return ((ServerBucketFixture) fixture).server();
  }

  /** Hardly pauses before it repeats a request. */
  private ModelRegistry impatient() {
    RegistryConfig config = config();
    Clock clock = Clock.systemUTC();
    return new StoredModelRegistry(
        config,
        new BucketStorage(
            S3ObjectStore.open(config.s3(), Duration.ofMillis(1)),
            new ReleaseCopies(config.dir(), clock)),
        clock);
  }

  private PublishOutcome publish(ModelRegistry by, String model) throws IOException {
    Path staged = Releases.directory(temp, "staged", (byte) 1, 500);
    return by.publish(model, staged, Releases.release("run-1", 1));
  }

  @Test
  void onePublicationSurvivesTheLossOfAnyOneRequest() throws IOException {
    ModelRegistry impatient = impatient();
    impatient.requireSafeWrites();
    server().fail(-1, S3Fault.LOST_ANSWER);
    publish(impatient, "count");
    int requests = server().requests();
    assertTrue(requests >= 9, requests + " requests");
    for (S3Fault fault : List.of(S3Fault.LOST_REQUEST, S3Fault.LOST_ANSWER, S3Fault.SLOW_DOWN)) {
      for (int request = 0; request < requests; request++) {
        String model = "m-%s-%d".formatted(fault.name().toLowerCase(Locale.ROOT), request);
        server().fail(request, fault);
        Published published = assertInstanceOf(Published.class, publish(impatient, model), model);
        assertEquals(1, published.version().version(), model);
      }
    }
    assertEquals(List.of(), fixture.staged());
  }

  @Test
  void aPublisherThatIsKilledAtAnyRequestLeavesNothingThatShows() throws IOException {
    ModelRegistry impatient = impatient();
    impatient.requireSafeWrites();
    server().fail(-1, S3Fault.ACCESS_DENIED);
    publish(impatient, "freshet");
    int requests = server().requests();
    int number = 1;
    for (int request = 0; request < requests; request++) {
      ModelRegistry killed = impatient();
      killed.requireSafeWrites();
      server().failFrom(request, S3Fault.LOST_REQUEST);
      try {
        publish(killed, "freshet");
      } catch (RegistryException e) {
        assertTrue(e.getMessage().contains("nothing became visible"), e.getMessage());
      }
      server().failAll(null);
      assertEquals(number, impatient.versions().size(), "request " + request);
      Published next = assertInstanceOf(Published.class, publish(impatient, "freshet"));
      assertEquals(++number, next.version().version());
    }
    assertFalse(fixture.staged().isEmpty());
    server().backdate(Instant.now().minus(Duration.ofHours(3)));
    Garbage garbage = registry.removeGarbage(SWEEPING);
    assertFalse(garbage.leftovers().isEmpty());
    assertEquals(List.of(), fixture.staged());
    assertTrue(registry.isIntact(new ModelVersion("freshet", number)));
  }

  @Test
  void saysWhenItCannotBeToldWhetherAReleaseIsThere() throws IOException {
    ModelRegistry impatient = impatient();
    impatient.requireSafeWrites();
    server().fail(-1, S3Fault.LOST_ANSWER);
    publish(impatient, "count");
    int commit = server().requests() - 1;
    server().failFrom(commit, S3Fault.LOST_ANSWER);
    Unknown unknown = assertInstanceOf(Unknown.class, publish(impatient, "freshet"));
    server().failAll(null);
    assertEquals(V1, unknown.attempted());
    // Here it was: nothing of it was deleted.
    assertEquals(unknown.manifestSha256(), registry.manifest(V1).sha256());
    registry.open(V1);
  }

  @Test
  void aListThatLagsBehindCostsAttemptsAndNoRelease() throws IOException {
    publish("freshet", 1);
    server().freezeLists(true);
    publish("freshet", 2);
    publish("freshet", 3);
    server().freezeLists(false);
    assertEquals(3, registry.versions().size());
  }

  @Test
  void aMoveWhoseAnswerWasLostIsNotForgotten() throws IOException {
    publish("freshet", 1);
    publish("freshet", 2);
    ModelRegistry impatient = impatient();
    impatient.moveAlias("champion", V1, "first");
    server().fail(-1, S3Fault.LOST_ANSWER);
    impatient.moveAlias("champion", V1, "second");
    int requests = server().requests();
    for (int request = 0; request < requests; request++) {
      server().fail(request, S3Fault.LOST_ANSWER);
      impatient.moveAlias("champion", V2, "at " + request);
      List<AliasMove> history = registry.aliasHistory("champion");
      assertEquals("at " + request, history.get(0).reason());
      assertEquals(3 + request, history.size(), "moved once");
    }
  }

  @Test
  void moversAtOnceForgetNoMove() throws Exception {
    publish("freshet", 1);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> movers = new ArrayList<>();
      for (int mover = 0; mover < 4; mover++) {
        ModelRegistry own = onAnotherMachine();
        String name = "mover " + mover;
        movers.add(
            threads.submit(
                () -> {
                  for (int move = 0; move < 4; move++) {
                    own.moveAlias("champion", V1, name + " move " + move);
                  }
                }));
      }
      for (Future<?> mover : movers) {
        mover.get();
      }
    } finally {
      threads.shutdownNow();
    }
    Set<String> moves =
        registry.aliasHistory("champion").stream()
            .map(AliasMove::reason)
            .collect(Collectors.toSet());
    assertEquals(
        IntStream.range(0, 16)
            .mapToObj(n -> "mover %d move %d".formatted(n / 4, n % 4))
            .collect(Collectors.toSet()),
        moves);
  }

  @Test
  void refusesStorageThatIgnoresPreconditions() throws IOException {
    server().ignorePreconditions();
    RegistryException refusal =
        assertThrows(RegistryException.class, () -> registry.requireSafeWrites());
    assertTrue(refusal.getMessage().contains("ignores If-None-Match"), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("a directory as the registry"), refusal.getMessage());
    assertThrows(RegistryException.class, () -> publish("freshet", 1));
    assertThrows(RegistryException.class, () -> registry.removeGarbage(SWEEPING));
    assertEquals(List.of(), server().keys());
  }

  @Test
  void asksTheStorageOnceAndNotWhoeverOnlyReads() throws IOException {
    publish("freshet", 1);
    ModelRegistry reader = onAnotherMachine();
    server().fail(-1, S3Fault.SLOW_DOWN);
    reader.open(V1);
    int opening = server().requests();
    server().fail(-1, S3Fault.SLOW_DOWN);
    reader.open(V1);
    // Manifest, existence and signature; the files are there.
    assertTrue(server().requests() < opening, server().requests() + " requests");
    reader.requireSafeWrites();
    server().fail(-1, S3Fault.SLOW_DOWN);
    reader.requireSafeWrites();
    assertEquals(0, server().requests());
  }

  @Test
  void aCopyThatWasAlteredIsMadeAnew() throws IOException {
    publish("freshet", 1);
    Path weights = registry.open(V1).resolve("model.safetensors");
    byte[] published = Files.readAllBytes(weights);
    Files.write(weights, new byte[5_000]);
    Files.write(registry.open(V1).resolveSibling("stray"), new byte[1]);
    assertArrayEquals(
        published, Files.readAllBytes(registry.open(V1).resolve("model.safetensors")));
  }

  @Test
  void aCopyThatNobodyOpenedForAWeekGoes() throws IOException {
    publish("freshet", 1);
    publish("freshet", 2);
    RegistryConfig config = config();
    Path first = ModelRegistries.open(config).open(V1);
    Clock nextWeek = Clock.offset(Clock.systemUTC(), Duration.ofDays(8));
    new StoredModelRegistry(config, ModelRegistries.storage(config, nextWeek), nextWeek).open(V2);
    assertTrue(Files.notExists(first));
    assertTrue(ModelRegistries.open(config).isIntact(V1));
  }

  @Test
  void theFilesOfAPublicationAreAReleaseOnTheirOwn() throws IOException {
    publish("freshet", 1);
    Path copied = temp.resolve("copied");
    String files = fixture.file(V1, "");
    for (String key : server().keys()) {
      int at = key.indexOf(files);
      if (at >= 0) {
        Path file = copied.resolve(key.substring(at + files.length()));
        Files.createDirectories(file.getParent());
        Files.write(file, server().content(key));
      }
    }
    assertEquals(registry.manifest(V1), ReleaseDirectory.verify(copied));
  }

  @Test
  void leavesTheFilesOfAlteredAndOfJustRemovedReleases() throws IOException {
    publish("freshet", 1);
    publish("freshet", 2);
    publish("other", 3);
    later().removeGarbage(new RetentionPolicy(true, 1, Duration.ZERO, Duration.ofDays(9)));
    Set<String> keys = new HashSet<>(server().keys());
    fixture.overwrite(fixture.manifest(V2), new byte[1_000]);
    server().backdate(Instant.now().minus(Duration.ofHours(3)));
    assertEquals(Map.of(), registry.removeGarbage(SWEEPING).leftovers());
    assertEquals(keys, new HashSet<>(server().keys()));
  }

  @Test
  void travelsWithAnOperatorAndHoldsNoSecret() throws Exception {
    RegistryConfig config = config();
    assertEquals(config, JavaSerialization.shipped(config));
    assertFalse(config.toString().contains(S3Server.SECRET_KEY));
    assertEquals(
        Optional.of("s3://releases/elsewhere"),
        config.at(S3Location.parse("s3://releases/elsewhere")).s3().location());
  }
}
