package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.registry.ModelRegistries;
import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.RegistryConfig;
import io.freshet.platform.registry.ReleaseAlteredException;
import io.freshet.platform.registry.SigningConfig;
import io.freshet.platform.registry.TrustedKeys;
import io.freshet.vision.embed.EmbedderSpec;
import io.freshet.vision.embed.ImageEmbedder;
import io.freshet.vision.embed.ImageEmbedders;
import io.freshet.vision.image.DecodeLimits;
import io.freshet.vision.image.ImageDecoder;
import io.freshet.vision.image.ImageRejectedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Embedding on a machine that has neither Flink nor DJL, as this module's tests have none. */
class LocalModelTest {
  @TempDir private Path temp;

  private ModelRegistry registry(SigningConfig signing) {
    return ModelRegistries.open(
        new RegistryConfig(
            temp.resolve("registry"), new RegistryConfig(temp).retention(), signing));
  }

  private ModelRegistry withChampion() throws IOException {
    ModelRegistry registry = registry(SigningConfig.NONE);
    BundledRelease.publish(registry, temp);
    registry.moveAlias("champion", registry.versions().get(0));
    return registry;
  }

  @Test
  void givesTheVectorsOfTheRelease() throws IOException, ImageRejectedException {
    try (LocalModel model = LocalModel.pull(withChampion(), "champion", temp.resolve("cache"));
        ImageEmbedder direct = ImageEmbedders.bootstrap()) {
      assertEquals("freshet@1/features/l2", model.space());
      float[] vector = model.embed(BundledRelease.picture(1));
      assertEquals(1, cosine(vector, vector), 1e-5, "its length");
      float[] expected =
          direct
              .embed(
                  List.of(
                      new ImageDecoder(DecodeLimits.DEFAULTS)
                          .decode(BundledRelease.picture(1))
                          .image()))[0];
      assertArrayEquals(expected, vector, 1e-6f);
      double other = cosine(vector, model.embed(BundledRelease.picture(4)));
      assertTrue(other < 0.99, "another picture: " + other);
      assertThrows(ImageRejectedException.class, () -> model.embed(new byte[100]));
    }
  }

  @Test
  void aCopyIsMadeOnceAndNotUsedWhenItWasAltered() throws IOException {
    ModelRegistry registry = withChampion();
    Path cache = temp.resolve("cache");
    LocalModel.pull(registry, "freshet@1", cache).close();
    Path weights = cache.resolve("freshet@1").resolve(ImageEmbedders.bootstrapSpec().file());
    Object copied = Files.readAttributes(weights, "unix:ino,ctime");
    LocalModel.pull(registry, "champion", cache).close();
    assertEquals(copied, Files.readAttributes(weights, "unix:ino,ctime"));

    byte[] altered = Files.readAllBytes(weights);
    altered[altered.length / 2] ^= 1;
    Files.delete(weights);
    Files.write(weights, altered);
    assertThrows(ReleaseAlteredException.class, () -> LocalModel.pull(registry, "champion", cache));
    assertThrows(ReleaseAlteredException.class, () -> LocalModel.open(cache.resolve("freshet@1")));
  }

  @Test
  void saysWhatCannotBeOpened() throws IOException {
    ModelRegistry registry = registry(SigningConfig.NONE);
    Path staged = Files.createDirectories(temp.resolve("vit"));
    Files.writeString(staged.resolve("model.safetensors"), "weights");
    BundledRelease.publish(registry, staged, EmbedderSpec.vit(28, 28));
    String form = refusal(registry, "freshet@1");
    assertTrue(form.contains("freshet@1 has no ONNX form"), form);
    String unknown = refusal(registry, "champion");
    assertTrue(unknown.contains("no release or alias 'champion'"), unknown);
  }

  private String refusal(ModelRegistry registry, String reference) {
    return assertThrows(
            IllegalArgumentException.class,
            () -> LocalModel.pull(registry, reference, temp.resolve("cache")))
        .getMessage();
  }

  @Test
  void insistsOnASignatureOfATrustedKey() throws Exception {
    Path signing = temp.resolve("signing.pem");
    Path trusted = temp.resolve("trusted.pem");
    keyPair(signing, trusted);
    Path strange = temp.resolve("strange.pem");
    keyPair(temp.resolve("other.pem"), strange);
    Path cache = temp.resolve("cache");
    BundledRelease.publish(registry(SigningConfig.NONE), temp);
    ModelRegistry registry = registry(new SigningConfig(Optional.of(signing), List.of()));
    BundledRelease.publish(registry, temp);

    TrustedKeys keys = TrustedKeys.of(List.of(trusted));
    LocalModel.pull(registry, "freshet@2", cache, keys).close();
    LocalModel.pull(registry, "freshet@1", cache).close();
    for (int again = 0; again < 2; again++) {
      assertThrows(
          ReleaseAlteredException.class,
          () -> LocalModel.pull(registry, "freshet@1", cache, keys),
          "not signed, though it is there already");
      assertThrows(
          ReleaseAlteredException.class,
          () -> LocalModel.pull(registry, "freshet@2", cache, TrustedKeys.of(List.of(strange))));
    }
  }

  private static void keyPair(Path key, Path trusted) throws IOException, NoSuchAlgorithmException {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    Files.createFile(
        key, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(key, pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
    Files.writeString(trusted, pem("PUBLIC KEY", pair.getPublic().getEncoded()));
  }

  private static String pem(String type, byte[] bytes) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(type, Base64.getEncoder().encodeToString(bytes), type);
  }

  private static double cosine(float[] a, float[] b) {
    double dot = 0;
    for (int i = 0; i < a.length; i++) {
      dot += (double) a[i] * b[i];
    }
    return dot;
  }
}
