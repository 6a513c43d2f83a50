package io.freshet.vision.transform;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.vision.image.DecodeLimits;
import io.freshet.vision.image.ImageDecoder;
import io.freshet.vision.image.RgbImage;
import io.freshet.vision.testing.Goldens;
import io.freshet.vision.testing.Npz;
import java.nio.file.Files;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What Pillow 9.4 and torchvision 0.14.1 make of the pictures under {@code preproc}. */
class PreprocGoldenTest {
  private static final Pattern CHAIN_STEP = Pattern.compile("(hue|contrast|sat|bright)(-?[0-9.]+)");

  @Test
  void evalTransformEqualsTheReference() throws Exception {
    Npz golden = Goldens.npz("preproc", "eval_transform.npz");
    RgbImage sample = decode("sample.png");
    assertSame(
        golden.get("png_resized256_u8"),
        PilResize.resizeShortSide(sample, 256, Resampling.BICUBIC),
        0,
        "resize");
    EvalTransform transform =
        new EvalTransform(256, 224, golden.get("mean").floats(), golden.get("std").floats());
    assertSame(golden.get("png_centercrop224_u8"), transform.pixels(sample), 0, "centre crop");
    assertArrayEquals(golden.get("png_tensor").floats(), transform.apply(sample), 1e-6f);
  }

  @Test
  void jpegPixelsAreCloseToTheReference() throws Exception {
    Npz golden = Goldens.npz("preproc", "eval_transform.npz");
    int found = 0;
    for (String file : Goldens.cases("preproc", ".jpg")) {
      RgbImage decoded = decode(file + ".jpg");
      assertEquals(decode("sample.png").width(), decoded.width());
      if (maxDifference(golden.get("jpg_decoded_u8"), decoded) <= 3) {
        found++;
        RgbImage cropped = EvalTransform.imageNet(256, 224).pixels(decoded);
        assertSame(golden.get("jpg_centercrop224_u8"), cropped, 3, file);
      }
    }
    assertEquals(1, found, "one of the JPEGs is the one that the reference decoded");
  }

  @Test
  void resizedCropsEqualTheReference() throws Exception {
    Npz golden = Goldens.npz("preproc", "geometric.npz");
    RgbImage source = image(golden.get("source_u8"));
    int crops = 0;
    for (String name : golden.names()) {
      if (name.endsWith("_params_top_left_h_w_size")) {
        String crop = name.substring(0, name.indexOf("_params"));
        int[] p = golden.get(name).ints();
        RgbImage actual =
            PilResize.resizedCrop(
                source, new Crop(p[0], p[1], p[2], p[3]), p[4], p[4], Resampling.BICUBIC);
        assertSame(golden.get(crop + "_u8"), actual, 0, crop);
        PixelColumns columns = new PixelColumns();
        columns.load(source);
        Planes planes = new Planes(p[4] * p[4]);
        new ColumnResampler()
            .resize(
                columns, new Crop(p[0], p[1], p[2], p[3]), p[4], p[4], Resampling.BICUBIC, planes);
        assertSame(golden.get(crop + "_u8"), PlanesFixture.image(planes), 0, crop + " by columns");
        crops++;
      }
    }
    assertTrue(crops >= 1);
    assertSame(
        golden.get("bilinear_32_u8"),
        PilResize.resize(source, 32, 32, Resampling.BILINEAR),
        0,
        "bilinear");
  }

  @Test
  void sizesAndOffsetsEqualTheReference() {
    Npz golden = Goldens.npz("preproc", "geometric.npz");
    Pattern resize = Pattern.compile("resize_short_(\\d+)x(\\d+)_to(\\d+)_outsize");
    Pattern centre = Pattern.compile("centercrop_(\\d+)x(\\d+)_to(\\d+)_top_left");
    int compared = 0;
    for (Map.Entry<String, Npz.Array> entry : golden.arrays().entrySet()) {
      int[] expected = entry.getValue().size() == 2 ? entry.getValue().ints() : new int[0];
      Matcher resized = resize.matcher(entry.getKey());
      if (resized.matches()) {
        int[] n = numbers(resized);
        int[] actual = {
          PilResize.shortSideWidth(n[0], n[1], n[2]), PilResize.shortSideWidth(n[1], n[0], n[2])
        };
        assertArrayEquals(expected, actual, entry.getKey());
        compared++;
      }
      Matcher cropped = centre.matcher(entry.getKey());
      if (cropped.matches()) {
        int[] n = numbers(cropped);
        Crop crop = Crop.centre(n[1], n[0], n[2], n[2]);
        assertArrayEquals(expected, new int[] {crop.top(), crop.left()}, entry.getKey());
        compared++;
      }
    }
    assertTrue(compared >= 2, compared + " sizes and offsets");
  }

  @Test
  void photometricOperationsEqualTheReference() throws Exception {
    Npz golden = Goldens.npz("preproc", "photometric.npz");
    Npz.Array source = golden.get("source_u8");
    int compared = 0;
    for (String name : golden.names()) {
      String[] parts = name.split("_", -1);
      float factor = parts.length > 1 ? number(parts[1]) : 0;
      Consumer<Planes> operation =
          switch (parts[0]) {
            case "brightness" -> planes -> Photometric.brightness(planes, factor);
            case "contrast" -> planes -> Photometric.contrast(planes, factor);
            case "saturation" -> planes -> saturation(planes, factor);
            case "hue" -> planes -> new HueTurn().apply(planes, Double.parseDouble(parts[1]));
            case "grayscale3" -> Photometric::greyscale;
            case "solarize128" -> planes -> Photometric.solarize(planes, 128);
            case "chain" -> planes -> chain(name, planes);
            default -> null;
          };
      if (operation != null) {
        Planes planes = PlanesFixture.of(image(source));
        operation.accept(planes);
        assertSame(golden.get(name), PlanesFixture.image(planes), 0, name);
        compared++;
      }
    }
    assertTrue(compared >= 7, compared + " operations");
  }

  private static void saturation(Planes planes, float factor) {
    Photometric.saturation(planes, factor, new int[planes.length()]);
  }

  private static void chain(String name, Planes planes) {
    Matcher step = CHAIN_STEP.matcher(name);
    while (step.find()) {
      float factor = Float.parseFloat(step.group(2));
      switch (step.group(1)) {
        case "hue" -> new HueTurn().apply(planes, Double.parseDouble(step.group(2)));
        case "contrast" -> Photometric.contrast(planes, factor);
        case "sat" -> saturation(planes, factor);
        default -> Photometric.brightness(planes, factor);
      }
    }
  }

  @Test
  void blurEqualsTheReference() throws Exception {
    Npz golden = Goldens.npz("preproc", "photometric.npz");
    Npz.Array source = golden.get("source_u8");
    int compared = 0;
    for (Map.Entry<String, Npz.Array> entry : golden.under("kernel1d_sigma").entrySet()) {
      float[] expected = entry.getValue().floats();
      double sigma = Double.parseDouble(entry.getKey());
      GaussianBlur blur = new GaussianBlur(expected.length);
      assertArrayEquals(expected, blur.kernel(sigma), 1e-7f);
      Planes planes = PlanesFixture.of(image(source));
      blur.apply(planes, sigma);
      String name = "blur_k" + expected.length + "_sigma" + entry.getKey() + "_u8";
      assertSame(golden.get(name), PlanesFixture.image(planes), 1, name);
      compared++;
    }
    assertTrue(compared >= 1);
  }

  @Test
  void normalisesAsTheReference() throws Exception {
    Npz.Array expected = Goldens.npz("preproc", "photometric.npz").get("normalized_f32_16x16");
    RgbImage source = image(Goldens.npz("preproc", "photometric.npz").get("source_u8"));
    float[][] tables = Normalisation.IMAGENET.tables();
    int height = Math.toIntExact(expected.dims()[1]);
    int width = Math.toIntExact(expected.dims()[2]);
    float[] actual = new float[3 * height * width];
    for (int i = 0; i < actual.length; i++) {
      int c = i / (height * width);
      int y = i / width % height;
      int at = 3 * (y * source.width() + i % width) + c;
      actual[i] = tables[c][source.rgb()[at] & 0xff];
    }
    assertArrayEquals(expected.floats(), actual, 1e-6f);
  }

  private static RgbImage decode(String file) throws Exception {
    byte[] body = Files.readAllBytes(Goldens.dir("preproc").resolve(file));
    return new ImageDecoder(DecodeLimits.DEFAULTS).decode(body).image();
  }

  private static RgbImage image(Npz.Array hwc) {
    long[] dims = hwc.dims();
    return new RgbImage((int) dims[1], (int) dims[0], samples(hwc));
  }

  private static byte[] samples(Npz.Array hwc) {
    byte[] samples = new byte[hwc.size()];
    hwc.bytes().duplicate().get(samples);
    return samples;
  }

  private static void assertSame(Npz.Array expected, RgbImage actual, int tolerance, String what) {
    assertEquals(expected.dims()[0], actual.height(), what);
    assertEquals(expected.dims()[1], actual.width(), what);
    int difference = maxDifference(expected, actual);
    assertTrue(difference <= tolerance, () -> what + " differs by " + difference);
  }

  private static int maxDifference(Npz.Array expected, RgbImage actual) {
    byte[] samples = samples(expected);
    assertEquals(samples.length, actual.rgb().length);
    int max = 0;
    for (int i = 0; i < samples.length; i++) {
      max = Math.max(max, Math.abs((samples[i] & 0xff) - (actual.rgb()[i] & 0xff)));
    }
    return max;
  }

  private static int[] numbers(Matcher matcher) {
    int[] numbers = new int[matcher.groupCount()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Integer.parseInt(matcher.group(i + 1));
    }
    return numbers;
  }

  private static float number(String text) {
    return text.matches("-?[0-9.]+") ? Float.parseFloat(text) : 0;
  }
}
