package io.freshet.platform.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.registry.PublishOutcome.Published;
import io.freshet.platform.testing.KeyFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for a registry wherever its bytes lie. */
abstract class ModelRegistryContract {
  static final ModelVersion V1 = new ModelVersion("freshet", 1);
  static final ModelVersion V2 = new ModelVersion("freshet", 2);
  private static final RetentionPolicy NEWEST =
      new RetentionPolicy(true, 1, Duration.ZERO, Duration.ofDays(2));

  @TempDir Path temp;
  RegistryFixture fixture;
  ModelRegistry registry;
  private int machines;

  abstract RegistryFixture fixture(Path dir);

  /** Of each kind of trial; a request takes longer than a file. */
  abstract int trials();

  /** That each of eight publishers makes while the others do. */
  int releasesAtOnce() {
    return 2;
  }

  /** Those who read meanwhile. */
  int readersAtOnce() {
    return 4;
  }

  @BeforeEach
  void open() {
    fixture = fixture(temp);
    registry = onAnotherMachine();
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  RegistryConfig config() {
    return fixture.config(temp.resolve("machine-" + machines++));
  }

  ModelRegistry onAnotherMachine() {
    return ModelRegistries.open(config());
  }

  /** The same a day later. */
  ModelRegistry later() {
    RegistryConfig config = config();
    Clock clock = Clock.offset(Clock.systemUTC(), Duration.ofDays(1));
    return new StoredModelRegistry(config, ModelRegistries.storage(config, clock), clock);
  }

  Published publish(String model, int mark) throws IOException {
    Path staged = Releases.directory(temp, "staged-" + mark, (byte) mark, 5_000);
    return assertInstanceOf(
        Published.class, registry.publish(model, staged, Releases.release("run-1", mark)));
  }

  @Test
  void publishesWhatItIsGiven() throws IOException {
    Published published = publish("freshet", 5);
    assertEquals(V1, published.version());
    Manifest manifest = registry.manifest(V1);
    assertEquals(published.manifest(), manifest);
    assertEquals(Releases.release("run-1", 5), manifest.release());
    assertEquals(
        Set.of("model.safetensors", "config.json", "training_state/heads.safetensors"),
        manifest.files().keySet());
    assertEquals(5_000, manifest.files().get("model.safetensors").size());
    Path opened = registry.open(V1);
    assertArrayEquals(new byte[] {5, 5, 5}, Files.readAllBytes(opened.resolve("config.json")));
    assertEquals(opened, registry.open(V1, manifest.sha256()));
    assertEquals(manifest, ReleaseDirectory.verify(opened));
    try (InputStream in = registry.read(V1, "model.safetensors", 4_990)) {
      assertEquals(10, in.readAllBytes().length);
    }
    try (InputStream in = registry.read(V1, "model.safetensors", 5_000)) {
      assertEquals(-1, in.read());
    }
    assertEquals(List.of(), fixture.staged());
  }

  @Test
  void numbersEachModelOnItsOwn() throws IOException {
    publish("freshet", 1);
    publish("freshet", 2);
    publish("bootstrap", 3);
    publish("freshet", 4);
    assertEquals(
        List.of("bootstrap@1", "freshet@1", "freshet@2", "freshet@3"),
        registry.versions().stream().map(ModelVersion::toString).toList());
  }

  @Test
  void isReadByAnotherProcess() throws IOException {
    publish("freshet", 1);
    registry.moveAlias("champion", V1);
    ModelRegistry other = onAnotherMachine();
    assertEquals(List.of(V1), other.versions());
    assertEquals(Optional.of(V1), other.resolve("champion"));
    assertEquals(registry.manifest(V1), other.manifest(V1));
    other.open(V1);
  }

  @Test
  void movesAliasesAndRemembersWhy() throws IOException {
    publish("freshet", 1);
    publish("freshet", 2);
    assertEquals(Optional.empty(), registry.resolve("champion"));
    registry.moveAlias("champion", V1, "by hand: v2 blurs faces");
    registry.moveAlias("curation", V1);
    assertEquals(Optional.of("by hand: v2 blurs faces"), registry.aliasReason("champion"));
    registry.moveAlias("champion", V2);
    assertEquals(Optional.of(V2), registry.resolve("champion"));
    assertEquals(Map.of("champion", V2, "curation", V1), registry.aliases());
    assertEquals(Optional.empty(), registry.aliasReason("champion"));
    assertEquals(V1, registry.rollback("champion", "worse"));
    assertEquals(3, registry.aliasHistory("champion").size());
    assertThrows(
        IllegalArgumentException.class,
        () -> registry.moveAlias("champion", V1, "x".repeat(1_001)));
    assertThrows(
        RegistryException.class, () -> registry.moveAlias("x", new ModelVersion("freshet", 9)));
  }

  @Test
  void resolvesReferences() throws IOException {
    publish("freshet", 1);
    assertEquals(Optional.of(V1), registry.resolve("freshet@1"));
    for (String none :
        List.of("freshet@2", "freshet@0", "freshet@01", "freshet@-1", "other@1", "freshet@x", "")) {
      assertEquals(Optional.empty(), registry.resolve(none), none);
    }
    assertEquals(Optional.of(V1), registry.find("freshet", "run-1", 1));
    assertEquals(Optional.empty(), registry.find("freshet", "run-2", 1));
  }

  @Test
  void detectsFlipsAndTruncationsOfAnyFile() throws IOException {
    publish("freshet", 1);
    registry.moveAlias("champion", V1);
    long seed = 20261101;
    Random random = new Random(seed);
    List<String> files = fixture.files();
    assertEquals(5, files.size(), files.toString());
    for (int trial = 0; trial < trials(); trial++) {
      String file = files.get(trial % files.size());
      byte[] original = fixture.read(file);
      byte[] altered = original.clone();
      if (trial % 3 == 0) {
        altered = Arrays.copyOf(original, random.nextInt(original.length));
      } else {
        altered[random.nextInt(altered.length)] ^= (byte) (1 << random.nextInt(8));
      }
      fixture.overwrite(file, altered);
      ModelRegistry fresh = onAnotherMachine();
      assertThrows(
          RegistryException.class,
          () -> fresh.open(fresh.resolve("champion").orElseThrow(() -> new RegistryException("-"))),
          "seed %d trial %d: %s".formatted(seed, trial, file));
      fixture.overwrite(file, original);
    }
    onAnotherMachine().open(registry.resolve("champion").orElseThrow());
  }

  @Test
  void detectsSwappedReplayedAndMissingFiles() throws IOException {
    publish("freshet", 1);
    publish("freshet", 2);
    publish("other", 3);
    registry.moveAlias("champion", V2);
    String weights = fixture.file(V2, "model.safetensors");
    byte[] original = fixture.read(weights);

    fixture.overwrite(weights, fixture.read(fixture.file(V1, "model.safetensors")));
    assertThrows(ReleaseAlteredException.class, () -> onAnotherMachine().open(V2));
    fixture.delete(weights);
    assertThrows(ReleaseAlteredException.class, () -> onAnotherMachine().open(V2));
    assertEquals(Optional.of(V1), onAnotherMachine().newestIntact("freshet"));
    fixture.overwrite(weights, original);
    onAnotherMachine().open(V2);

    String manifest = fixture.manifest(V2);
    byte[] sealed = fixture.read(manifest);
    fixture.overwrite(manifest, fixture.read(fixture.manifest(V1)));
    assertThrows(ReleaseAlteredException.class, () -> onAnotherMachine().open(V2));
    assertThrows(ReleaseAlteredException.class, () -> registry.resolve("champion"));
    fixture.overwrite(manifest, fixture.read(fixture.manifest(new ModelVersion("other", 1))));
    assertThrows(ReleaseAlteredException.class, () -> onAnotherMachine().open(V2));
    assertEquals(Optional.of(V1), onAnotherMachine().newestIntact("freshet"));
    fixture.overwrite(manifest, sealed);
    assertEquals(Optional.of(V2), onAnotherMachine().newestIntact("freshet"));

    registry.moveAlias("curation", V1);
    fixture.overwrite(fixture.alias("champion"), fixture.read(fixture.alias("curation")));
    assertThrows(ReleaseAlteredException.class, () -> registry.resolve("champion"));
    registry.moveAlias("champion", V1, "again");
    assertEquals(Optional.of(V1), registry.resolve("champion"));
  }

  @Test
  void passesOverAlteredManifests() throws IOException {
    for (int mark = 1; mark <= 3; mark++) {
      publish("freshet", mark);
    }
    byte[] altered = fixture.read(fixture.manifest(V2)).clone();
    altered[altered.length / 2] ^= 1;
    fixture.overwrite(fixture.manifest(V2), altered);
    assertEquals(
        List.of(1, 3),
        registry.intactManifests("freshet").stream().map(Manifest::version).toList());
    assertEquals(List.of(), registry.intactManifests("other"));
    assertEquals(Optional.empty(), registry.intactManifest(V2));
    assertEquals(Optional.empty(), registry.find("freshet", "run-1", 2));
    assertEquals(Optional.of(new ModelVersion("freshet", 3)), registry.find("freshet", "run-1", 3));
    assertEquals(3, registry.versions().size(), "its number stays taken");
    assertThrows(
        RegistryException.class, () -> registry.intactManifest(new ModelVersion("freshet", 4)));
  }

  @Test
  void refusesAWholeReleaseInPlaceOfTheAnnouncedOne() throws IOException {
    publish("freshet", 1);
    String announced = registry.manifest(V1).sha256();
    registry.moveAlias("champion", V1);
    // As whoever can write the registry does: a release of his own under the number.
    byte[] forged =
        ManifestJson.write(
            V1,
            registry.manifest(V1).publication(),
            registry.manifest(V1).createdAt(),
            registry.manifest(V1).files(),
            Releases.release("run-1", 66));
    fixture.overwrite(fixture.manifest(V1), forged);
    ModelRegistry reader = onAnotherMachine();
    reader.open(V1);
    assertThrows(ReleaseAlteredException.class, () -> reader.open(V1, announced));
    assertThrows(ReleaseAlteredException.class, () -> reader.resolve("champion"));
  }

  @Test
  void onlyWhatATrustedKeySignedIsOpened() throws IOException {
    KeyFiles own = KeyFiles.in(temp, "own");
    KeyFiles other = KeyFiles.in(temp, "other");
    publish("freshet", 1);
    registry = signing(new SigningConfig(Optional.of(own.key()), List.of()));
    publish("freshet", 2);
    assertTrue(registry.signature(V1).isEmpty());
    assertEquals(64, registry.signature(V2).orElseThrow().length);
    ModelRegistry trusting = signing(new SigningConfig(Optional.empty(), List.of(own.trusted())));
    trusting.open(V2);
    assertThrows(ReleaseAlteredException.class, () -> trusting.open(V1));
    ModelRegistry strange = signing(new SigningConfig(Optional.empty(), List.of(other.trusted())));
    assertThrows(ReleaseAlteredException.class, () -> strange.open(V2));
  }

  private ModelRegistry signing(SigningConfig signing) {
    RegistryConfig config = config();
    return ModelRegistries.open(
        new RegistryConfig(config.dir(), config.s3(), config.retention(), signing));
  }

  @Test
  void refusesDirectoriesThatAreNoRelease() throws IOException {
    Path empty = Files.createDirectories(temp.resolve("empty"));
    assertThrows(IllegalArgumentException.class, () -> publishDirectory(empty));
    Path links = Releases.directory(temp, "links", (byte) 1, 10);
    Files.createSymbolicLink(links.resolve("secret"), Path.of("/etc/passwd"));
    assertThrows(IllegalArgumentException.class, () -> publishDirectory(links));
    Path own = Releases.directory(temp, "own", (byte) 1, 10);
    Files.write(own.resolve(Manifest.FILE), new byte[1]);
    assertThrows(IllegalArgumentException.class, () -> publishDirectory(own));
    Path hidden = Releases.directory(temp, "hidden", (byte) 1, 10);
    Files.write(hidden.resolve(".git"), new byte[1]);
    assertThrows(IllegalArgumentException.class, () -> publishDirectory(hidden));
    assertThrows(RegistryException.class, () -> publishDirectory(temp.resolve("missing")));
    assertEquals(List.of(), registry.versions());
    assertEquals(List.of(), fixture.staged());
  }

  private PublishOutcome publishDirectory(Path directory) {
    return registry.publish("freshet", directory, Releases.release("r", 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "../x", "a/b", "A", "-x", "a b", "a\u0000b", "ümlaut"})
  void refusesBadNames(String name) throws IOException {
    Path staged = Releases.directory(temp, "staged", (byte) 1, 100);
    assertThrows(
        IllegalArgumentException.class,
        () -> registry.publish(name, staged, Releases.release("r", 1)));
    assertThrows(IllegalArgumentException.class, () -> registry.moveAlias(name, V1));
    assertEquals(Optional.empty(), registry.resolve(name));
    assertEquals(Optional.empty(), registry.resolve(name + "@1"));
  }

  @Test
  void refusesFormatsOfTheFuture() throws IOException {
    publish("freshet", 1);
    fixture.overwrite(
        fixture.manifest(V1),
        SealedJson.seal(
            SealedJson.object()
                .put("format", 2)
                .put("name", "freshet")
                .put("later", "x".repeat(200))));
    String message =
        assertThrows(RegistryException.class, () -> registry.manifest(V1)).getMessage();
    assertTrue(message.contains("format 2"), message);
  }

  @Test
  void theNewestOfEachModelAndWhatAliasesNeedStay() throws IOException {
    for (int mark = 1; mark <= 6; mark++) {
      publish("freshet", mark);
    }
    publish("bootstrap", 7);
    for (int number : new int[] {1, 2, 4}) {
      registry.moveAlias("champion", new ModelVersion("freshet", number));
    }
    Garbage garbage = later().garbage(NEWEST);
    assertEquals(
        Set.of(V1, new ModelVersion("freshet", 3), new ModelVersion("freshet", 5)),
        garbage.releases().keySet());
    assertTrue(garbage.releases().get(V1) > 5_000, garbage.toString());
    assertEquals(7, registry.versions().size());
    assertEquals(garbage, later().removeGarbage(NEWEST));
    assertEquals(
        List.of("bootstrap@1", "freshet@2", "freshet@4", "freshet@6"),
        registry.versions().stream().map(ModelVersion::toString).toList());
    assertEquals(List.of(), fixture.staged());
    assertEquals(Optional.empty(), registry.resolve("freshet@1"));
    RegistryException gone = assertThrows(RegistryException.class, () -> registry.open(V1));
    assertTrue(gone.getMessage().contains("freshet@1 is not published"), gone.getMessage());
    // A rollback still finds its release, and the next number is new.
    assertEquals(V2, registry.rollback("champion", "worse"));
    publish("freshet", 8);
    assertEquals(7, registry.versions().get(registry.versions().size() - 1).version());
    assertEquals(Map.of(), later().garbage(NEWEST).leftovers());
  }

  @Test
  void publishersAtOnceGetANumberEachAndReadersWholeReleases()
      throws InterruptedException, ExecutionException, IOException {
    publishAndRead(8, releasesAtOnce(), readersAtOnce());
  }

  /**
   * @param releases of each publisher
   */
  final void publishAndRead(int publishers, int releases, int readers)
      throws InterruptedException, ExecutionException, IOException {
    AtomicBoolean publishing = new AtomicBoolean(true);
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      List<Future<List<Published>>> published = new ArrayList<>();
      for (int p = 0; p < publishers; p++) {
        ModelRegistry own = onAnotherMachine();
        int first = p * releases;
        published.add(threads.submit(() -> publishAll(own, first, releases)));
      }
      List<Future<Integer>> reads = new ArrayList<>();
      for (int r = 0; r < readers; r++) {
        ModelRegistry reader = onAnotherMachine();
        reads.add(threads.submit(() -> readWhile(reader, publishing)));
      }
      Map<ModelVersion, Manifest> winners = new HashMap<>();
      for (Future<List<Published>> one : published) {
        for (Published release : one.get()) {
          assertEquals(
              null, winners.put(release.version(), release.manifest()), "one number twice");
        }
      }
      publishing.set(false);
      for (Future<Integer> read : reads) {
        assertTrue(read.get() > 0, "a reader saw nothing");
      }
      assertEquals(
          IntStream.rangeClosed(1, publishers * releases)
              .mapToObj(n -> new ModelVersion("freshet", n))
              .toList(),
          registry.versions());
      for (ModelVersion version : registry.versions()) {
        assertEquals(winners.get(version), registry.manifest(version));
      }
      assertEquals(List.of(), fixture.staged());
    } finally {
      threads.shutdownNow();
    }
  }

  private List<Published> publishAll(ModelRegistry own, int first, int releases)
      throws IOException {
    List<Published> published = new ArrayList<>();
    for (int n = first; n < first + releases; n++) {
      Path staged = Releases.directory(temp, "concurrent-" + n, (byte) n, 20_000);
      published.add(
          assertInstanceOf(
              Published.class, own.publish("freshet", staged, Releases.release("run-1", n))));
      own.moveAlias("champion", published.get(published.size() - 1).version(), "step " + n);
    }
    return published;
  }

  /** Every file carries the mark of the release that the manifest names. */
  private static int readWhile(ModelRegistry registry, AtomicBoolean publishing)
      throws IOException {
    int read = 0;
    while (publishing.get() || read == 0) {
      Optional<ModelVersion> champion = registry.resolve("champion");
      if (champion.isPresent()) {
        byte mark = (byte) registry.manifest(champion.get()).step();
        Path release = registry.open(champion.get());
        for (String file : registry.manifest(champion.get()).files().keySet()) {
          assertEquals(mark, Files.readAllBytes(release.resolve(file))[0], file);
        }
        read++;
      }
      List<ModelVersion> seen = registry.versions();
      for (int i = 0; i < seen.size(); i++) {
        assertEquals(i + 1, seen.get(i).version(), "a gap in " + seen);
      }
    }
    return read;
  }
}
