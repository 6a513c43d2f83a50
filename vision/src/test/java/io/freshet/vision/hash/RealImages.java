package io.freshet.vision.hash;

import io.freshet.vision.image.DecodeLimits;
import io.freshet.vision.image.ImageDecoder;
import io.freshet.vision.image.ImageRejectedException;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.transform.Crop;
import io.freshet.vision.transform.PilResize;
import io.freshet.vision.transform.Resampling;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The real pictures that the project ships under {@code deploy/data}. */
final class RealImages {
  private static final Path DATA = Path.of("..", "deploy", "data");
  private static final ImageDecoder DECODER = new ImageDecoder(DecodeLimits.DEFAULTS);

  private RealImages() {}

  static RgbImage file(String name) throws IOException, ImageRejectedException {
    return decode(fileBytes(name));
  }

  static byte[] fileBytes(String name) throws IOException {
    return Files.readAllBytes(DATA.resolve(name));
  }

  static byte[] zipBytes(String zip, String entry) throws IOException {
    try (ZipFile archive = new ZipFile(DATA.resolve(zip).toFile())) {
      return bytes(archive, entry);
    }
  }

  /** The train drawings. */
  static List<RgbImage> drawings() throws IOException, ImageRejectedException {
    List<RgbImage> images = new ArrayList<>();
    try (ZipFile archive = new ZipFile(DATA.resolve("openclipart96.zip").toFile())) {
      for (String line : Files.readAllLines(DATA.resolve("openclipart96_split.csv"))) {
        String[] fields = line.split(",", -1);
        if (fields[2].equals("train")) {
          images.add(decode(bytes(archive, "openclipart96/" + fields[0])));
        }
      }
    }
    return images;
  }

  /** The train squares of the photographs. */
  static List<RgbImage> squares() throws IOException, ImageRejectedException {
    List<RgbImage> images = new ArrayList<>();
    Map<String, RgbImage> photos = new HashMap<>();
    try (ZipFile archive = new ZipFile(DATA.resolve("photos.zip").toFile())) {
      String table = new String(bytes(archive, "patches.csv"), StandardCharsets.UTF_8);
      for (String line : table.lines().skip(1).toList()) {
        String[] fields = line.split(",", -1);
        if (!fields[1].equals("train")) {
          continue;
        }
        if (!photos.containsKey(fields[0])) {
          photos.put(fields[0], decode(bytes(archive, fields[0])));
        }
        int side = Integer.parseInt(fields[4]);
        Crop crop = new Crop(Integer.parseInt(fields[3]), Integer.parseInt(fields[2]), side, side);
        RgbImage photo = photos.get(fields[0]);
        images.add(PilResize.resizedCrop(photo, crop, side, side, Resampling.BICUBIC));
      }
    }
    return images;
  }

  private static byte[] bytes(ZipFile archive, String name) throws IOException {
    ZipEntry entry = archive.getEntry(name);
    if (entry == null) {
      throw new IOException(archive.getName() + " has no " + name);
    }
    return archive.getInputStream(entry).readAllBytes();
  }

  private static RgbImage decode(byte[] body) throws ImageRejectedException {
    return DECODER.decode(body).image();
  }
}
