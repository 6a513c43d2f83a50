package io.freshet.vision.image;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The marker structure of a JPEG, walked from start to end mark without decoding: its size, its
 * number of scans, its profile and EXIF block, and the proof that it isn't cut off.
 */
final class JpegSegments {
  private static final int SOF0 = 0xc0;
  private static final int SOF2 = 0xc2;
  private static final int SOI = 0xd8;
  private static final int EOI = 0xd9;
  private static final int SOS = 0xda;
  private static final int APP1 = 0xe1;
  private static final int APP2 = 0xe2;
  private static final int COM = 0xfe;
  private static final String EXIF_TAG = "Exif\0\0";
  private static final String PROFILE_TAG = "ICC_PROFILE\0";

  private final byte[] body;
  private final DecodeLimits limits;
  private final Deadline deadline;
  private final TreeMap<Integer, byte[]> profileParts = new TreeMap<>();
  private final List<Integer> profileStarts = new ArrayList<>();
  private int profilePartCount;
  private long metadataBytes;

  private Optional<JpegScans> coverage = Optional.empty();

  int width;
  int height;
  int components;
  int scans;
  long scanBytes;

  /** Behind the end mark; what follows is no part of the image. */
  int end;

  Optional<byte[]> exif = Optional.empty();

  private JpegSegments(byte[] body, DecodeLimits limits, Deadline deadline) {
    this.body = body;
    this.limits = limits;
    this.deadline = deadline;
  }

  static JpegSegments read(byte[] body, DecodeLimits limits, Deadline deadline)
      throws ImageRejectedException {
    JpegSegments segments = new JpegSegments(body, limits, deadline);
    ByteReader in = new ByteReader(body, 2, body.length, "the JPEG");
    int marker = segments.nextMarker(in);
    while (marker != EOI) {
      segments.segment(marker, in);
      marker = segments.nextMarker(in);
    }
    segments.end = in.position();
    if (segments.scans == 0) {
      throw ImageRejectedException.corrupt("JPEG without a scan");
    }
    segments.coverage.orElseThrow().requireComplete();
    return segments;
  }

  /** The profile, when all its parts are there. */
  Optional<byte[]> profile() {
    if (profilePartCount == 0 || profileParts.size() != profilePartCount) {
      return Optional.empty();
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    profileParts.values().forEach(whole::writeBytes);
    return Optional.of(whole.toByteArray());
  }

  boolean saysProfile() {
    return profilePartCount > 0;
  }

  /**
   * The file up to its end mark and without its profile, which readers would apply, each in its own
   * way.
   */
  byte[] withoutProfile() {
    ByteArrayOutputStream kept = new ByteArrayOutputStream(end);
    int from = 0;
    for (int start : profileStarts) {
      int length = (body[start] & 0xff) << 8 | (body[start + 1] & 0xff);
      kept.write(body, from, start - 2 - from);
      from = start + length;
    }
    kept.write(body, from, end - from);
    return kept.toByteArray();
  }

  private int nextMarker(ByteReader in) throws ImageRejectedException {
    if (in.u8() != 0xff) {
      throw ImageRejectedException.corrupt(
          "JPEG has no marker at byte %d".formatted(in.position() - 1));
    }
    int marker = in.u8();
    while (marker == 0xff) {
      marker = in.u8();
    }
    return marker;
  }

  private void segment(int marker, ByteReader in) throws ImageRejectedException {
    deadline.check();
    if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      return; // stand-alone marks
    }
    if (marker == 0 || marker == SOI) {
      throw ImageRejectedException.corrupt("JPEG marker 0x%02x".formatted(marker));
    }
    int length = in.u16() - 2;
    if (length < 0) {
      throw ImageRejectedException.corrupt("JPEG segment 0x%02x has no length".formatted(marker));
    }
    in.require(length);
    int start = in.position();
    if ((marker >= 0xe0 && marker <= 0xef) || marker == COM) {
      metadataBytes += length;
      limits.checkMetadata(metadataBytes);
    }
    if (marker == APP1 && startsWith(EXIF_TAG, start, length) && exif.isEmpty()) {
      in.skip(EXIF_TAG.length());
      exif = Optional.of(in.take(length - EXIF_TAG.length()));
    } else if (marker == APP2 && startsWith(PROFILE_TAG, start, length)) {
      profileStarts.add(start - 2);
      profilePart(in, length);
    } else if (marker >= SOF0
        && marker <= 0xcf
        && marker != 0xc4
        && marker != 0xc8
        && marker != 0xcc) {
      frame(marker, length, in);
    } else if (marker == SOS) {
      scan(length, in);
      return;
    }
    in.skip(start + length - in.position());
  }

  private void frame(int marker, int length, ByteReader in) throws ImageRejectedException {
    if (marker > SOF2) {
      throw ImageRejectedException.unsupported(
          "JPEG process 0x%02x; baseline, extended and progressive are read".formatted(marker));
    }
    if (length < 6 || components != 0) {
      throw ImageRejectedException.corrupt("JPEG frame header of %d bytes".formatted(length));
    }
    int precision = in.u8();
    height = in.u16();
    width = in.u16();
    components = in.u8();
    limits.checkSize(width, height);
    if (length < 6 + 3 * components) {
      throw ImageRejectedException.corrupt("JPEG of %d components".formatted(components));
    }
    if (precision != 8 || (components != 1 && components != 3 && components != 4)) {
      throw ImageRejectedException.unsupported(
          "JPEG of %d components of %d bits; 1, 3 or 4 of 8 bits are read"
              .formatted(components, precision));
    }
    int[] ids = new int[components];
    for (int i = 0; i < components; i++) {
      ids[i] = in.u8();
      in.skip(2);
    }
    coverage = Optional.of(new JpegScans(marker == SOF2, ids));
  }

  private void scan(int length, ByteReader in) throws ImageRejectedException {
    if (coverage.isEmpty()) {
      throw ImageRejectedException.corrupt("JPEG scan before the frame header");
    }
    scans++;
    coverage.get().add(in, length);
    int at = in.position();
    int start = at;
    while (at + 1 < body.length) {
      if (body[at] == (byte) 0xff) {
        int next = body[at + 1] & 0xff;
        boolean stuffing = next == 0 || (next >= 0xd0 && next <= 0xd7);
        if (!stuffing && next != 0xff) {
          break;
        }
        at += next == 0xff ? 1 : 2;
      } else {
        at++;
      }
    }
    scanBytes += at - start;
    in.skip(at - start);
    in.require(2);
  }

  /** Parts are numbered from 1; a part that contradicts the others spoils the profile alone. */
  private void profilePart(ByteReader in, int length) throws ImageRejectedException {
    int head = PROFILE_TAG.length() + 2;
    if (length <= head) {
      return;
    }
    in.skip(PROFILE_TAG.length());
    int number = in.u8();
    int count = in.u8();
    profilePartCount = profilePartCount == 0 || profilePartCount == count ? count : 256;
    if (number < 1 || number > count || profileParts.containsKey(number)) {
      profilePartCount = 256;
    }
    profileParts.put(number, in.take(length - head));
  }

  private boolean startsWith(String tag, int start, int length) {
    if (length < tag.length()) {
      return false;
    }
    for (int i = 0; i < tag.length(); i++) {
      if (body[start + i] != tag.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
