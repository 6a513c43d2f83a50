package io.freshet.platform.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.freshet.platform.registry.PublishOutcome.Published;
import io.freshet.platform.testing.JavaSerialization;
import io.freshet.platform.testing.KeyFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class SignatureTest {
  private static final ModelVersion V1 = new ModelVersion("freshet", 1);
  private static final ModelVersion V2 = new ModelVersion("freshet", 2);

  @TempDir private Path temp;
  private KeyFiles own;
  private KeyFiles other;

  @BeforeEach
  void keys() {
    own = KeyFiles.in(temp, "own");
    other = KeyFiles.in(temp, "other");
  }

  private ModelRegistry registry(Optional<Path> key, Path... trusted) {
    return ModelRegistries.open(
        new RegistryConfig(
            temp.resolve("registry"),
            RetentionPolicy.BY_HAND,
            new SigningConfig(key, List.of(trusted))));
  }

  private ModelVersion publish(ModelRegistry registry, int mark) throws IOException {
    Path staged = Releases.directory(temp, "staged-" + mark, (byte) mark, 500);
    return assertInstanceOf(
            Published.class, registry.publish("freshet", staged, Releases.release("run-1", mark)))
        .version();
  }

  private Path file(ModelVersion version, String name) {
    return temp.resolve(
        "registry/models/freshet/versions/%d/%s".formatted(version.version(), name));
  }

  private static void refused(ModelRegistry registry, ModelVersion version, String why) {
    ReleaseAlteredException refusal =
        assertThrows(ReleaseAlteredException.class, () -> registry.open(version));
    assertTrue(refusal.getMessage().contains(why), refusal.getMessage());
  }

  @Test
  void onlyWhatATrustedKeySignedIsOpened() throws IOException {
    publish(registry(Optional.of(own.key())), 1);
    publish(registry(Optional.empty()), 2);
    ModelRegistry trusting = registry(Optional.empty(), own.trusted());
    assertEquals(file(V1, "").normalize(), trusting.open(V1).normalize());
    refused(trusting, V2, "freshet@2 is not signed");
    refused(registry(Optional.empty(), other.trusted()), V1, "signed by none of the trusted keys");
    assertEquals(Optional.of(V1), trusting.newestIntact("freshet"));
    // Nobody is asked for a signature where no key is named.
    registry(Optional.empty()).open(V1);
    registry(Optional.empty()).open(V2);
  }

  @Test
  void whileAKeyIsReplacedBothCount() throws IOException {
    publish(registry(Optional.of(other.key())), 1);
    publish(registry(Optional.of(own.key())), 2);
    ModelRegistry both = registry(Optional.empty(), own.trusted(), other.trusted());
    both.open(V1);
    both.open(V2);
  }

  @Test
  void aForgedReleaseIsRefusedWhateverItsDigestsSay() throws IOException {
    publish(registry(Optional.of(own.key())), 1);
    publish(registry(Optional.empty()), 2);
    // Whole in itself, and with the signature of another release.
    Files.copy(file(V1, Manifest.SIGNATURE), file(V2, Manifest.SIGNATURE));
    ModelRegistry trusting = registry(Optional.empty(), own.trusted());
    refused(trusting, V2, "signed by none");
    byte[] signature = Files.readAllBytes(file(V1, Manifest.SIGNATURE));
    assertEquals(64, signature.length);
    for (int bit = 0; bit < 8 * signature.length; bit += 7) {
      byte[] flipped = signature.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(file(V1, Manifest.SIGNATURE), flipped);
      refused(trusting, V1, "signed by none");
    }
    Files.write(file(V1, Manifest.SIGNATURE), new byte[63]);
    refused(trusting, V1, "signed by none");
    Files.write(file(V1, Manifest.SIGNATURE), signature);
    Files.delete(file(V1, "config.json"));
    Files.write(file(V1, "config.json"), new byte[] {9, 9, 9});
    refused(trusting, V1, "other bytes");
  }

  @Test
  void aCopyCarriesTheSignatureAndIsCheckedBefore() throws IOException {
    publish(registry(Optional.of(own.key())), 1);
    publish(registry(Optional.empty()), 2);
    ModelRegistry registry = registry(Optional.empty());
    TrustedKeys trusted = TrustedKeys.of(List.of(own.trusted()));
    long[] bytes = {0};
    ReleasePull pull = new ReleasePull(registry, trusted, count -> bytes[0] += count);
    Path to = temp.resolve("pulled");
    assertThrows(ReleaseAlteredException.class, () -> pull.pull(registry.manifest(V2), to));
    assertEquals(0, bytes[0], "nothing of an unsigned release is read");
    assertFalse(Files.exists(to));
    assertTrue(pull.pull(registry.manifest(V1), to));
    assertEquals(
        Optional.of(own.trusted()),
        trusted.signer(
            Files.readAllBytes(to.resolve(Manifest.FILE)),
            Optional.of(Files.readAllBytes(to.resolve(Manifest.SIGNATURE)))));
    assertEquals(V1, ReleaseDirectory.verify(to).id());
    // What is there already is asked for its signature too.
    assertFalse(pull.pull(registry.manifest(V1), to));
    Files.delete(to.resolve(Manifest.SIGNATURE));
    assertThrows(ReleaseAlteredException.class, () -> pull.pull(registry.manifest(V1), to));
  }

  @Test
  void opensslAgrees() throws Exception {
    Path key = temp.resolve("openssl.pem");
    Path trusted = temp.resolve("openssl.pub.pem");
    assumeTrue(openssl("version") == 0, "openssl is not installed");
    assertEquals(0, openssl("genpkey", "-algorithm", "ed25519", "-out", key.toString()));
    assertEquals(0, openssl("pkey", "-in", key.toString(), "-pubout", "-out", trusted.toString()));
    publish(registry(Optional.of(key)), 1);
    registry(Optional.empty(), trusted).open(V1);
    assertEquals(
        0,
        openssl(
            "pkeyutl",
            "-verify",
            "-pubin",
            "-inkey",
            trusted.toString(),
            "-rawin",
            "-in",
            file(V1, Manifest.FILE).toString(),
            "-sigfile",
            file(V1, Manifest.SIGNATURE).toString()));
  }

  private static int openssl(String... arguments) throws InterruptedException {
    String[] command = new String[arguments.length + 1];
    command[0] = "openssl";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      return -1;
    }
  }

  @Test
  void badKeyFilesAreRefusedWithTheRemedy() throws IOException {
    Files.setPosixFilePermissions(own.key(), PosixFilePermissions.fromString("rw-r-----"));
    assertRefused(
        "chmod 600", () -> new SigningConfig(Optional.of(own.key()), List.of()).requireKey());
    assertRefused(
        "PEM file with one PRIVATE KEY",
        () -> {
          Path swapped = temp.resolve("swapped");
          Files.copy(own.trusted(), swapped);
          Files.setPosixFilePermissions(swapped, PosixFilePermissions.fromString("rw-------"));
          new SigningConfig(Optional.of(swapped), List.of()).requireKey();
        });
    assertRefused("PEM file with one PUBLIC KEY", () -> TrustedKeys.of(List.of(other.key())));
    Path rubbish =
        Files.writeString(
            temp.resolve("rubbish"),
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n");
    assertRefused("no Ed25519 public key", () -> TrustedKeys.of(List.of(rubbish)));
    assertRefused("can't be read", () -> TrustedKeys.of(List.of(temp.resolve("none"))));
  }

  private static void assertRefused(String why, Executable reading) {
    IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, reading);
    assertTrue(refusal.getMessage().contains(why), refusal.getMessage());
  }

  @Test
  void keysTravelWithTheConfiguration() throws Exception {
    RegistryConfig config =
        new RegistryConfig(
            temp,
            RetentionPolicy.BY_HAND,
            new SigningConfig(Optional.of(own.key()), List.of(own.trusted())));
    assertEquals(config, JavaSerialization.shipped(config));
  }
}
