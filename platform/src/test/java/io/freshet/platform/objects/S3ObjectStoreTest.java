package io.freshet.platform.objects;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.testing.JavaSerialization;
import io.freshet.platform.testing.s3.S3Fault;
import io.freshet.platform.testing.s3.S3Server;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

class S3ObjectStoreTest {
  private static final byte[] ONE = "one".getBytes(StandardCharsets.UTF_8);
  private static final byte[] TWO = "two".getBytes(StandardCharsets.UTF_8);
  private static final Duration PAUSE = Duration.ofMillis(2);

  @TempDir Path temp;
  private final S3Server server = S3Server.start();
  private S3ObjectStore store;

  @BeforeEach
  void open() {
    store = S3ObjectStore.open(server.config(temp, "pre/fix"), PAUSE);
  }

  @AfterEach
  void stop() {
    store.close();
    server.close();
  }

  private Path file(int bytes) throws IOException {
    byte[] content = new byte[bytes];
    new Random(bytes).nextBytes(content);
    return Files.write(temp.resolve("file-" + bytes), content);
  }

  @Test
  void keepsWhatItIsGivenBelowItsPrefix() throws IOException {
    String etag = store.put("a/b.json", ONE, Precondition.none()).orElseThrow();
    ObjectStore.Content found = store.get("a/b.json", 3).orElseThrow();
    assertArrayEquals(ONE, found.bytes());
    assertEquals(etag, found.etag());
    assertEquals(Optional.of(3L), store.size("a/b.json"));
    assertEquals(List.of("pre/fix/a/b.json"), server.keys());
    assertEquals("s3://releases/pre/fix/a/b.json", store.place("a/b.json"));
    assertEquals(Optional.empty(), store.get("a/c.json", 3));
    assertEquals(Optional.empty(), store.size("a/c.json"));
    store.delete(List.of("a/b.json", "a/c.json"));
    assertEquals(List.of(), server.keys());
  }

  @Test
  void writesUnderAConditionOnce() throws IOException {
    String etag = store.put("k", ONE, Precondition.absent()).orElseThrow();
    assertEquals(Optional.empty(), store.put("k", TWO, Precondition.absent()));
    assertEquals(Optional.empty(), store.put("k", TWO, Precondition.unchanged("\"other\"")));
    assertEquals(Optional.empty(), store.put("none", TWO, Precondition.unchanged(etag)));
    String next = store.put("k", TWO, Precondition.unchanged(etag)).orElseThrow();
    assertEquals(
        Optional.empty(),
        store.put("k", "three".getBytes(StandardCharsets.UTF_8), Precondition.unchanged(etag)));
    assertEquals(next, store.get("k", 9).orElseThrow().etag());
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"ACCESS_DENIED", "TRUNCATED"})
  void aConditionalWriteWhoseRequestOrAnswerWasLostIsRecognised(S3Fault fault) throws IOException {
    server.fail(0, fault);
    String etag = store.put("k", ONE, Precondition.absent()).orElseThrow();
    assertArrayEquals(ONE, store.get("k", 9).orElseThrow().bytes());
    server.fail(0, fault);
    assertTrue(store.put("k", TWO, Precondition.unchanged(etag)).isPresent());
    assertArrayEquals(TWO, store.get("k", 9).orElseThrow().bytes());
  }

  @Test
  void saysWhenAWriteMayHaveTakenPlaceAndWhenItDidNot() throws IOException {
    server.failAll(S3Fault.LOST_ANSWER);
    assertThrows(UncertainWriteException.class, () -> store.put("k", ONE, Precondition.absent()));
    server.failAll(S3Fault.SLOW_DOWN);
    refusedForGood("503", Precondition.absent());
    server.failAll(S3Fault.ACCESS_DENIED);
    refusedForGood("403", Precondition.none());
    S3Server gone = S3Server.start();
    gone.close();
    store.close();
    store = S3ObjectStore.open(gone.config(temp, "pre/fix"), PAUSE);
    refusedForGood("Connection refused", Precondition.absent());
  }

  private void refusedForGood(String why, Precondition precondition) {
    IOException e = assertThrows(IOException.class, () -> store.put("x", ONE, precondition));
    assertFalse(e instanceof UncertainWriteException, e.toString());
    assertTrue(e.getMessage().contains(why), e.getMessage());
    assertTrue(e.getMessage().contains("s3://releases/pre/fix/x"), e.getMessage());
  }

  @Test
  void listsInAsManyPagesAsItTakes() throws IOException {
    List<String> keys = new ArrayList<>();
    for (int i = 10; i < 30; i++) {
      keys.add("models/m%d/versions/1".formatted(i));
      store.put(keys.get(keys.size() - 1), ONE, Precondition.none());
    }
    store.put("models.txt", ONE, Precondition.none());
    server.pageSize(3);
    assertEquals(keys, store.list("models/").stream().map(ObjectStore.Entry::key).toList());
    assertEquals(20, store.folders("models/").size());
    assertEquals("m10", store.folders("models/").get(0));
    assertEquals(List.of(), store.list("none/"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5 << 20, (5 << 20) + 1, 11 << 20})
  void uploadsWholeAndInParts(int bytes) throws Exception {
    Path file = file(bytes);
    ObjectStore.Uploaded uploaded = store.upload("big", file);
    byte[] sent = Files.readAllBytes(file);
    assertEquals(bytes, uploaded.bytes());
    assertEquals(
        HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(sent)),
        uploaded.sha256());
    assertArrayEquals(sent, server.content("pre/fix/big"));
    assertEquals(0, server.unfinishedUploads());
    try (InputStream in = store.read("big", bytes / 2)) {
      assertEquals(bytes - bytes / 2, in.readAllBytes().length);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LOST_REQUEST", "LOST_ANSWER"})
  void anUploadInPartsSurvivesTheLossOfAnyOneRequest(S3Fault fault) throws IOException {
    Path file = file(6 << 20);
    for (int request = 0; request < 5; request++) {
      server.fail(request, fault);
      store.upload("big", file);
      assertArrayEquals(Files.readAllBytes(file), server.content("pre/fix/big"));
      server.remove("pre/fix/big");
    }
  }

  @Test
  void anUploadThatFailsLeavesNoParts() throws IOException {
    Path file = file(6 << 20);
    for (int request = 0; request < 4; request++) {
      server.fail(request, S3Fault.ACCESS_DENIED);
      assertThrows(IOException.class, () -> store.upload("big", file));
      assertEquals(0, server.unfinishedUploads(), "request " + request);
    }
  }

  @Test
  void readsBackWhereTheStorageKeepsNoDigests() throws IOException {
    server.ignoreChecksums();
    server.fail(-1, S3Fault.SLOW_DOWN);
    store.upload("small", file(1_000));
    assertEquals(3, server.requests());
    store.upload("big", file(6 << 20));
  }

  @Test
  void findsAndGivesUpUnfinishedUploads() throws IOException {
    Path file = file(6 << 20);
    // The first part is refused, and then its publisher is gone.
    server.failFrom(1, S3Fault.ACCESS_DENIED);
    assertThrows(IOException.class, () -> store.upload("big", file));
    server.failAll(null);
    List<ObjectStore.UnfinishedUpload> left = store.unfinishedUploads("b");
    assertEquals(List.of("big"), left.stream().map(ObjectStore.UnfinishedUpload::key).toList());
    store.abort(left.get(0));
    assertEquals(0, server.unfinishedUploads());
    store.abort(left.get(0));
  }

  @Test
  void noticesAnAnswerThatEndsEarly() throws IOException {
    store.put("k", new byte[10_000], Precondition.none());
    server.fail(0, S3Fault.TRUNCATED);
    assertEquals(10_000, store.get("k", 10_000).orElseThrow().bytes().length);
    server.fail(0, S3Fault.TRUNCATED);
    try (InputStream in = store.read("k", 0)) {
      assertThrows(IOException.class, in::readAllBytes);
    }
  }

  @Test
  void refusesWhatIsTooLarge() throws IOException {
    store.put("k", new byte[11], Precondition.none());
    ObjectTooLargeException e =
        assertThrows(ObjectTooLargeException.class, () -> store.get("k", 10));
    assertTrue(e.getMessage().contains("11 bytes, the limit is 10"), e.getMessage());
  }

  /** Not by a request: names below localhost resolve on few machines. */
  @Test
  void addressesTheBucketByPathOrHostName() {
    S3Config path = server.config(temp, "");
    S3Config host =
        new S3Config(
            path.location(),
            Optional.of("https://s3.example.org"),
            Optional.of("eu-central-1"),
            false,
            path.credentialsFile(),
            path.profile(),
            path.partSize());
    assertEquals(server.endpoint() + "/releases/k", url(path));
    assertEquals("https://releases.s3.example.org/k", url(host));
  }

  private static String url(S3Config config) {
    try (S3Clients clients = S3Clients.of(config, PAUSE)) {
      return clients.repeating().utilities().getUrl(r -> r.bucket("releases").key("k")).toString();
    }
  }

  @Test
  void saysWhichKeysAreMissingAndNoSecret() throws Exception {
    S3Config config = server.config(temp, "");
    assertFalse(config.toString().contains(S3Server.SECRET_KEY));
    assertEquals(config, JavaSerialization.shipped(config));
    Path file = config.credentialsFile().orElseThrow();
    String good = Files.readString(file);
    Files.writeString(file, good.replace("the+test", "another"));
    try (S3ObjectStore wrong = S3ObjectStore.open(config, PAUSE)) {
      IOException e = assertThrows(IOException.class, () -> wrong.size("k"));
      assertTrue(e.getMessage().contains("403"), e.getMessage());
      assertFalse(e.toString().contains("another"), e.toString());
    }
    Files.writeString(file, "[other]\n");
    IllegalArgumentException none =
        assertThrows(IllegalArgumentException.class, () -> S3ObjectStore.open(config));
    assertTrue(none.getMessage().contains("no profile [default]"), none.getMessage());
  }

  @Test
  void refusesPlacesThatAreNone() {
    for (String bad :
        List.of("s3://", "s3://A/b", "s3:/bucket", "s3://bucket/../x", "s3://bucket//x", "file")) {
      assertThrows(IllegalArgumentException.class, () -> S3Location.parse(bad), bad);
    }
    assertEquals("s3://bucket/a/b", S3Location.parse("s3://bucket/a/b/").toString());
    assertEquals("s3://bucket", S3Location.parse("s3://bucket").toString());
  }
}
