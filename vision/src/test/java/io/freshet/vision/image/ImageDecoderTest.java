package io.freshet.vision.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.vision.image.DecodedImage.Notice;
import io.freshet.vision.image.ImageRejectedException.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {
  private final ImageDecoder decoder = new ImageDecoder(DecodeLimits.DEFAULTS);

  static Stream<String> lossless() {
    return Corpus.names().stream()
        .filter(Corpus::hasExpected)
        .filter(name -> !name.endsWith(".jpg") && !name.startsWith("lossy"))
        .filter(name -> !name.equals("animated.webp") && !name.startsWith("wide-gamut"));
  }

  @ParameterizedTest
  @MethodSource("lossless")
  void decodesLosslessFormatsToTheExactPixels(String name) throws Exception {
    RgbImage expected = Corpus.expected(name);
    RgbImage actual = decoder.decode(Corpus.bytes(name)).image();
    assertEquals(expected.width(), actual.width());
    assertEquals(expected.height(), actual.height());
    int tolerated = name.contains("alpha") || name.contains("rgba") ? 1 : 0;
    assertTrue(Corpus.maxDifference(expected, actual) <= tolerated, () -> name + " differs");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "baseline-420.jpg",
        "baseline-444.jpg",
        "progressive.jpg",
        "grey.jpg",
        "restart.jpg"
      })
  void decodesJpegWithinThreeGreyLevelsOfAnotherDecoder(String name) throws Exception {
    RgbImage actual = decoder.decode(Corpus.bytes(name)).image();
    assertTrue(Corpus.maxDifference(Corpus.expected(name), actual) <= 3, () -> name + " differs");
  }

  @ParameterizedTest
  @ValueSource(strings = {"lossy.webp", "lossy-alpha.webp", "animated.webp", "cmyk-inverted.jpg"})
  void decodesLossyFormatsCloseToAnotherDecoder(String name) throws Exception {
    RgbImage actual = decoder.decode(Corpus.bytes(name)).image();
    double psnr = Corpus.psnr(Corpus.expected(name), actual);
    System.out.printf("%s: PSNR %.1f dB%n", name, psnr);
    assertTrue(psnr >= 35, () -> name + ": PSNR of only " + psnr + " dB");
  }

  @ParameterizedTest
  @ValueSource(strings = {"wide-gamut.jpg", "wide-gamut.png", "wide-gamut.webp"})
  void convertsEmbeddedProfilesToSrgb(String name) throws Exception {
    DecodedImage decoded = decoder.decode(Corpus.bytes(name));
    assertEquals(Set.of(), decoded.notices());
    int difference = Corpus.maxDifference(Corpus.expected(name), decoded.image());
    assertTrue(difference <= 4, () -> name + " differs by " + difference);
    RgbImage asStored = decoder.decode(Corpus.bytes("rgb.png")).image();
    assertTrue(Corpus.maxDifference(asStored, decoded.image()) > 10, "not converted at all");
  }

  @Test
  void takesSamplesUnderADamagedProfileAsSrgb() throws Exception {
    byte[] body = Corpus.bytes("wide-gamut.webp");
    int start = indexOf(body, "acsp") - 36;
    Arrays.fill(body, start, start + 200, (byte) 0x55);
    DecodedImage decoded = decoder.decode(body);
    assertEquals(Set.of(Notice.PROFILE_IGNORED), decoded.notices());
    assertEquals(decoder.decode(Corpus.bytes("lossless.webp")).image(), decoded.image());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void turnsEachExifOrientationUpright(int orientation) throws Exception {
    RgbImage stored = decoder.decode(Corpus.bytes("orientation-1.jpg")).image();
    DecodedImage turned = decoder.decode(Corpus.bytes("orientation-" + orientation + ".jpg"));
    assertEquals(orientation, turned.orientation());
    RgbImage image = turned.image();
    boolean swapped = orientation >= 5;
    assertEquals(swapped ? stored.height() : stored.width(), image.width());
    for (int y = 0; y < stored.height(); y++) {
      for (int x = 0; x < stored.width(); x++) {
        int right = stored.width() - 1 - x;
        int below = stored.height() - 1 - y;
        int[] at =
            switch (orientation) {
              case 1 -> new int[] {x, y};
              case 2 -> new int[] {right, y};
              case 3 -> new int[] {right, below};
              case 4 -> new int[] {x, below};
              case 5 -> new int[] {y, x};
              case 6 -> new int[] {below, x};
              case 7 -> new int[] {below, right};
              default -> new int[] {y, right};
            };
        int from = 3 * (y * stored.width() + x);
        int to = 3 * (at[1] * image.width() + at[0]);
        assertArrayEquals(
            Arrays.copyOfRange(stored.rgb(), from, from + 3),
            Arrays.copyOfRange(image.rgb(), to, to + 3));
      }
    }
  }

  @Test
  void takesADamagedExifBlockAsOrientationOne() throws Exception {
    byte[] body = Corpus.bytes("orientation-6.jpg");
    Arrays.fill(body, indexOf(body, "Exif") + 6, indexOf(body, "Exif") + 14, (byte) 0x7f);
    DecodedImage decoded = decoder.decode(body);
    assertEquals(1, decoded.orientation());
    assertEquals(Set.of(Notice.EXIF_IGNORED), decoded.notices());
    assertEquals(decoder.decode(Corpus.bytes("orientation-1.jpg")).image(), decoded.image());
  }

  @ParameterizedTest
  @ValueSource(strings = {"animated.gif", "animated.png", "animated.webp"})
  void countsFramesAndKeepsTheFirst(String name) throws Exception {
    assertEquals(3, decoder.decode(Corpus.bytes(name)).frames());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<!DOCTYPE html><html><body>404</body></html>",
        "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        "%PDF-1.7",
        "II*\0\0\0\0\0",
        "\0\0\0 ftypavif",
        "BM is how this text begins, and it goes on",
        "RIFF\0\0\0\0WAVEfmt ",
        "x"
      })
  void refusesWhatIsNoImage(String text) {
    assertRejected(Reason.FORMAT_UNSUPPORTED, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void refusesAnEmptyBody() {
    assertRejected(Reason.BODY_EMPTY, new byte[0]);
  }

  @Test
  void refusesABodyOverTheLimit() {
    DecodeLimits tight = new DecodeLimits(100, 1, 100, 100, 0, Duration.ofSeconds(1));
    ImageDecoder small = new ImageDecoder(tight);
    ImageRejectedException refusal =
        assertThrows(ImageRejectedException.class, () -> small.decode(Corpus.bytes("rgb.png")));
    assertEquals(Reason.BODY_TOO_LARGE, refusal.reason());
  }

  @Test
  void refusesSizesOutsideTheLimits() {
    DecodeLimits narrow = new DecodeLimits(1 << 20, 1, 60, 1 << 20, 1 << 20, Duration.ofSeconds(1));
    DecodeLimits large = new DecodeLimits(1 << 20, 48, 99, 1 << 20, 1 << 20, Duration.ofSeconds(1));
    for (String name :
        List.of("rgb.png", "baseline-420.jpg", "plain.gif", "lossy.webp", "rgb24.bmp")) {
      ImageRejectedException tooMany =
          assertThrows(
              ImageRejectedException.class,
              () -> new ImageDecoder(narrow).decode(Corpus.bytes(name)));
      assertEquals(Reason.TOO_MANY_PIXELS, tooMany.reason(), name);
      ImageRejectedException tooSmall =
          assertThrows(
              ImageRejectedException.class,
              () -> new ImageDecoder(large).decode(Corpus.bytes(name)));
      assertEquals(Reason.TOO_SMALL, tooSmall.reason(), name);
    }
  }

  @Test
  void ignoresWhatFollowsTheImage() throws Exception {
    for (String name :
        List.of("rgb.png", "baseline-420.jpg", "plain.gif", "lossy.webp", "rgb24.bmp")) {
      byte[] body = Corpus.bytes(name);
      byte[] polyglot = Arrays.copyOf(body, body.length + 50);
      byte[] script = "<script>alert(1)</script>PK\3\4".getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(script, 0, polyglot, body.length, script.length);
      RgbImage image = decoder.decode(polyglot).image();
      assertEquals(decoder.decode(body).image(), image, name);
      assertEquals(-1, indexOf(CanonicalEncoding.encode(image), "script"), name);
    }
  }

  @Test
  void stopsWhenTheTimeIsOver() {
    for (String name : Corpus.names()) {
      AtomicLong clock = new AtomicLong();
      ImageDecoder slow =
          new ImageDecoder(
              DecodeLimits.DEFAULTS, () -> clock.getAndAdd(Duration.ofSeconds(3).toNanos()));
      ImageRejectedException refusal =
          assertThrows(ImageRejectedException.class, () -> slow.decode(Corpus.bytes(name)), name);
      assertEquals(Reason.DECODE_TIMEOUT, refusal.reason(), name);
    }
  }

  @Test
  void givesTheSameIdOnEveryThread() throws Exception {
    byte[] body = Corpus.bytes("progressive.jpg");
    String id = CanonicalEncoding.imageId(decoder.decode(body).image());
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<String>> tasks = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        tasks.add(() -> CanonicalEncoding.imageId(decoder.decode(body).image()));
      }
      for (Future<String> other : threads.invokeAll(tasks)) {
        assertEquals(id, other.get());
      }
    } finally {
      threads.shutdownNow();
    }
    assertNotEquals(id, CanonicalEncoding.imageId(decoder.decode(Corpus.bytes("rgb.png")).image()));
  }

  private void assertRejected(Reason reason, byte[] body) {
    ImageRejectedException refusal =
        assertThrows(ImageRejectedException.class, () -> decoder.decode(body));
    assertEquals(reason, refusal.reason(), refusal.detail());
  }

  private static int indexOf(byte[] body, String ascii) {
    return new String(body, StandardCharsets.ISO_8859_1).indexOf(ascii);
  }
}
