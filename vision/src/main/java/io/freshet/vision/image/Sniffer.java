package io.freshet.vision.image;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/** Tells the format from the first bytes. */
final class Sniffer {
  private static final int ANY = -1;
  private static final int[] PNG = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final int[] JPEG = {0xff, 0xd8, 0xff};
  private static final int[] GIF_87 = {'G', 'I', 'F', '8', '7', 'a'};
  private static final int[] GIF_89 = {'G', 'I', 'F', '8', '9', 'a'};
  private static final int[] WEBP = {'R', 'I', 'F', 'F', ANY, ANY, ANY, ANY, 'W', 'E', 'B', 'P'};

  /** BMP has only two letters of its own; the size of its second header is the rest. */
  private static final Set<Integer> BMP_HEADER_SIZES = Set.of(12, 40, 52, 56, 64, 108, 124);

  private static final int BMP_PREFIX = 18;

  private Sniffer() {}

  static Format sniff(byte[] body) throws ImageRejectedException {
    if (matches(body, JPEG)) {
      return Format.JPEG;
    }
    if (matches(body, PNG)) {
      return Format.PNG;
    }
    if (matches(body, GIF_87) || matches(body, GIF_89)) {
      return Format.GIF;
    }
    if (matches(body, WEBP)) {
      return Format.WEBP;
    }
    if (body.length >= 2 && body[0] == 'B' && body[1] == 'M') {
      return bmp(body);
    }
    throw ImageRejectedException.unsupported(
        "%s; JPEG, PNG, GIF, WebP and BMP are read".formatted(describe(body)));
  }

  private static Format bmp(byte[] body) throws ImageRejectedException {
    if (body.length < BMP_PREFIX) {
      throw ImageRejectedException.truncated("a BMP of %d bytes".formatted(body.length));
    }
    int size = (int) new ByteReader(body, 14, BMP_PREFIX, "the BMP header").u32Little();
    if (!BMP_HEADER_SIZES.contains(size)) {
      throw ImageRejectedException.unsupported(
          "starts with BM, but a header of %d bytes is no BMP's".formatted(size));
    }
    return Format.BMP;
  }

  /** A body that ends inside the signature counts as that format, cut off. */
  private static boolean matches(byte[] body, int[] signature) throws ImageRejectedException {
    int common = Math.min(body.length, signature.length);
    for (int i = 0; i < common; i++) {
      if (signature[i] != ANY && signature[i] != (body[i] & 0xff)) {
        return false;
      }
    }
    if (common < signature.length) {
      throw ImageRejectedException.truncated(
          "only %d bytes, the beginning of a signature".formatted(body.length));
    }
    return true;
  }

  private static String describe(byte[] body) {
    String head =
        new String(body, 0, Math.min(body.length, 64), StandardCharsets.ISO_8859_1).strip();
    String lower = head.toLowerCase(Locale.ROOT);
    if (lower.startsWith("<!doctype html") || lower.startsWith("<html")) {
      return "an HTML page";
    }
    if (lower.startsWith("<svg") || lower.startsWith("<?xml")) {
      return "an XML or SVG document";
    }
    if (head.startsWith("II*\0") || head.startsWith("MM\0*")) {
      return "a TIFF";
    }
    if (head.length() >= 12 && head.startsWith("ftyp", 4)) {
      return "an ISO media file (AVIF, HEIC or a video)";
    }
    if (lower.startsWith("%pdf")) {
      return "a PDF";
    }
    return "no known signature";
  }
}
