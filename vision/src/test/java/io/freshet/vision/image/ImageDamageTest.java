package io.freshet.vision.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.vision.image.ImageRejectedException.Reason;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Cut, altered and lying bodies. */
class ImageDamageTest {
  private static final long SEED = 20_261_101;

  /** Time of the processor, which a busy machine doesn't stretch. */
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final ImageDecoder decoder = new ImageDecoder(DecodeLimits.DEFAULTS);

  static Stream<String> corpus() {
    return Corpus.names().stream();
  }

  @ParameterizedTest
  @MethodSource("corpus")
  void refusesABodyCutAtEvery64th(String name) {
    byte[] body = Corpus.bytes(name);
    for (int part = 1; part < 64; part++) {
      byte[] cut = Arrays.copyOf(body, Math.max(2, body.length * part / 64));
      String where = name + " cut to " + cut.length + " of " + body.length + " bytes";
      ImageRejectedException refusal =
          assertThrows(ImageRejectedException.class, () -> decoder.decode(cut), where);
      assertEquals(Reason.TRUNCATED, refusal.reason(), where + ": " + refusal.detail());
    }
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void survives500MutantsOfEachFormat(Format format) {
    surviveMutants(format, 500);
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(Format.class)
  void survives10000MutantsOfEachFormat(Format format) {
    surviveMutants(format, 10_000);
  }

  /** Anything but an image or a named refusal, within two seconds, fails. */
  private void surviveMutants(Format format, int count) {
    List<byte[]> bodies =
        Corpus.names().stream().map(Corpus::bytes).filter(body -> is(format, body)).toList();
    Map<Reason, Integer> refusals = new EnumMap<>(Reason.class);
    SplittableRandom random = new SplittableRandom(SEED);
    int decoded = 0;
    for (int i = 0; i < count; i++) {
      byte[] mutant = mutate(bodies.get(i % bodies.size()), random);
      long start = THREADS.getCurrentThreadCpuTime();
      try {
        decoder.decode(mutant);
        decoded++;
      } catch (ImageRejectedException e) {
        refusals.merge(e.reason(), 1, Integer::sum);
      } catch (RuntimeException | Error e) {
        throw new AssertionError("mutant " + i + " of " + format + ", seed " + SEED, e);
      }
      Duration took = Duration.ofNanos(THREADS.getCurrentThreadCpuTime() - start);
      assertTrue(took.toMillis() < 2_500, "mutant " + i + " of " + format + " took " + took);
    }
    System.out.printf(
        "%s: %d mutants (seed %d): %d decoded, refused %s%n",
        format, count, SEED, decoded, refusals);
    assertTrue(refusals.size() >= 2, "mutation has no effect: " + refusals);
  }

  private static boolean is(Format format, byte[] body) {
    try {
      return Sniffer.sniff(body) == format;
    } catch (ImageRejectedException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] mutate(byte[] body, SplittableRandom random) {
    byte[] mutant = body.clone();
    int edits = 1 << random.nextInt(5);
    // Half of the edits hit the first 200 bytes, where the headers are.
    int reach = random.nextBoolean() ? Math.min(200, body.length) : body.length;
    for (int i = 0; i < edits; i++) {
      int at = random.nextInt(reach);
      switch (random.nextInt(4)) {
        case 0 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> mutant[at] = (byte) random.nextInt(256);
        case 2 -> mutant[at] = (byte) (random.nextBoolean() ? 0xff : 0);
        default -> {
          int length = Math.min(random.nextInt(1, 16), mutant.length - at);
          System.arraycopy(body, random.nextInt(body.length - length + 1), mutant, at, length);
        }
      }
    }
    return mutant;
  }

  @Test
  void refusesAPngOf50000By50000BeforeItTakesMemory() {
    assertCheapRefusal(png(50_000, 50_000, new byte[1000]), Reason.TOO_MANY_PIXELS);
    assertCheapRefusal(png(0x7fffffff, 0x7fffffff, new byte[1000]), Reason.TOO_MANY_PIXELS);
    assertCheapRefusal(png(0, 10, new byte[1000]), Reason.CORRUPT);
    assertCheapRefusal(png(-1, -1, new byte[1000]), Reason.TOO_MANY_PIXELS);
    assertCheapRefusal(png(8_000, 8_000, new byte[1000]), Reason.CORRUPT);
  }

  @Test
  void refusesHeadersThatPromiseMoreThanTheBodyHolds() {
    byte[] jpeg = Corpus.bytes("baseline-420.jpg");
    int frame = new String(jpeg, StandardCharsets.ISO_8859_1).indexOf("\u00ff\u00c0");
    ByteBuffer.wrap(jpeg).putShort(frame + 5, (short) 8000).putShort(frame + 7, (short) 8000);
    assertCheapRefusal(jpeg, Reason.CORRUPT);
    byte[] webp = Corpus.bytes("lossy.webp");
    int size = new String(webp, StandardCharsets.ISO_8859_1).indexOf("\u009d\u0001*") + 3;
    ByteBuffer.wrap(webp).putInt(size, 0xa00fa00f);
    assertCheapRefusal(webp, Reason.CORRUPT);
    ByteBuffer.wrap(webp).putInt(size, 0x881f881f);
    assertCheapRefusal(webp, Reason.TOO_MANY_PIXELS);
    byte[] gif = Corpus.bytes("plain.gif");
    int image = 13 + 3 * 64;
    assertEquals(',', gif[image]);
    ByteBuffer.wrap(gif).putInt(image + 5, 0x401f401f);
    assertCheapRefusal(gif, Reason.CORRUPT);
    byte[] bmp = Corpus.bytes("rgb24.bmp");
    ByteBuffer.wrap(bmp).putInt(18, 0x401f0000).putInt(22, 0x401f0000);
    assertCheapRefusal(bmp, Reason.TRUNCATED);
    byte[] negative = Corpus.bytes("rgb24.bmp");
    ByteBuffer.wrap(negative).putInt(22, 0x00000080);
    assertCheapRefusal(negative, Reason.TOO_MANY_PIXELS);
  }

  @Test
  void stopsUnfoldingAProfileAtTheMetadataLimit() throws Exception {
    ByteArrayOutputStream chunk = new ByteArrayOutputStream();
    chunk.writeBytes("bomb\0\0".getBytes(StandardCharsets.US_ASCII));
    chunk.writeBytes(deflate(new byte[64 << 20]));
    byte[] small = Corpus.bytes("rgb-16bit.png");
    byte[] bomb = withChunk(small, "iCCP", chunk.toByteArray());
    DecodedImage decoded = decoder.decode(bomb);
    assertEquals(Set.of(DecodedImage.Notice.PROFILE_IGNORED), decoded.notices());
    assertEquals(decoder.decode(small).image(), decoded.image());
  }

  @Test
  void refusesAJpegWhosePixelsBreakOffBeforeTheEndMark() {
    for (String name : List.of("baseline-420.jpg", "progressive.jpg", "restart.jpg")) {
      byte[] whole = Corpus.bytes(name);
      byte[] broken = Arrays.copyOf(whole, whole.length * 3 / 4);
      broken[broken.length - 2] = (byte) 0xff;
      broken[broken.length - 1] = (byte) 0xd9;
      ImageRejectedException refusal =
          assertThrows(ImageRejectedException.class, () -> decoder.decode(broken), name);
      assertTrue(
          Set.of(Reason.TRUNCATED, Reason.CORRUPT).contains(refusal.reason()), refusal.detail());
    }
  }

  @Test
  void refusesMoreMetadataThanTheLimit() {
    byte[] png = withChunk(Corpus.bytes("rgb.png"), "zTXt", new byte[5 << 20]);
    ImageRejectedException refusal =
        assertThrows(ImageRejectedException.class, () -> decoder.decode(png));
    assertEquals(Reason.BODY_TOO_LARGE, refusal.reason());
  }

  @Test
  void refusesAPngThatFailsItsChecksum() {
    byte[] png = Corpus.bytes("rgb.png");
    png[png.length / 2] ^= 1;
    ImageRejectedException refusal =
        assertThrows(ImageRejectedException.class, () -> decoder.decode(png));
    assertEquals(Reason.CORRUPT, refusal.reason());
  }

  private void assertCheapRefusal(byte[] body, Reason reason) {
    long before = allocated();
    ImageRejectedException refusal =
        assertThrows(ImageRejectedException.class, () -> decoder.decode(body));
    long rise = allocated() - before;
    assertEquals(reason, refusal.reason(), refusal.detail());
    assertTrue(rise < 16 << 20, () -> rise + " bytes allocated for a refusal: " + refusal.detail());
  }

  private static long allocated() {
    return THREADS instanceof com.sun.management.ThreadMXBean threads
        ? threads.getCurrentThreadAllocatedBytes()
        : 0;
  }

  private static byte[] png(int width, int height, byte[] pixels) {
    ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
    header.put((byte) 8).put((byte) 2);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    out.writeBytes(chunk("IHDR", header.array()));
    out.writeBytes(chunk("IDAT", deflate(pixels)));
    out.writeBytes(chunk("IEND", new byte[0]));
    return out.toByteArray();
  }

  /** Puts a chunk behind the header. */
  private static byte[] withChunk(byte[] png, String type, byte[] data) {
    int behindHeader = 8 + 25;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(png, 0, behindHeader);
    out.writeBytes(chunk(type, data));
    out.write(png, behindHeader, png.length - behindHeader);
    return out.toByteArray();
  }

  private static byte[] chunk(String type, byte[] data) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(data);
    return ByteBuffer.allocate(12 + data.length)
        .putInt(data.length)
        .put(name)
        .put(data)
        .putInt((int) crc.getValue())
        .array();
  }

  private static byte[] deflate(byte[] data) {
    Deflater deflater = new Deflater();
    deflater.setInput(data);
    deflater.finish();
    byte[] out = new byte[data.length + 100];
    int length = deflater.deflate(out);
    deflater.end();
    return Arrays.copyOf(out, length);
  }
}
