package io.freshet.trainer.evaluate.probe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDManager;
import io.freshet.trainer.testing.Close;
import io.freshet.trainer.testing.Probes;
import io.freshet.vision.testing.Goldens;
import io.freshet.vision.testing.Npz;
import io.freshet.vision.torch.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The original's classifiers on random tokens: their inputs, losses and final weights. */
class LinearProbeGoldenTest {
  private static final Npz PROBE = Goldens.npz("eval", "linear_probe.npz");
  private static final Pattern INPUT = Pattern.compile("linear_input_(\\d)blocks_avgpool(\\w+)");
  private static final Pattern CLASSIFIER =
      Pattern.compile("loss/classifier_(\\d)_blocks_avgpool_(True|False)_lr_.*");

  static List<ProbeInput> inputs() {
    return PROBE.names().stream()
        .map(INPUT::matcher)
        .filter(Matcher::matches)
        .map(m -> new ProbeInput(Integer.parseInt(m.group(1)), m.group(2).equals("True")))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("inputs")
  void inputsEqualTheOriginals(ProbeInput input) {
    String name =
        "linear_input_%dblocks_avgpool%s"
            .formatted(input.blocks(), input.meanPatch() ? "True" : "False");

    float[][] built = built(input);

    Close.within(1e-6, 1e-6).check(name, PROBE.get(name).doubles(), flat(built));
  }

  @ParameterizedTest
  @MethodSource("inputs")
  void trajectoriesEqualTheOriginals(ProbeInput input) {
    List<String> names = classifiers(input);
    float[][] inputs = built(input);
    int classes = PROBE.get("init/" + names.get(0) + ".bias").size();
    float[][][] weight =
        names.stream()
            .map(name -> Probes.rows(PROBE.get("init/" + name + ".weight")))
            .toArray(float[][][]::new);
    float[][] bias =
        names.stream()
            .map(name -> PROBE.get("init/" + name + ".bias").floats())
            .toArray(float[][]::new);
    double[][] rates = rates(names);
    int steps = rates.length;
    long[][] order = new long[steps][];
    Arrays.fill(order, LongStream.range(0, inputs.length).toArray());
    try (LinearProbe probe = LinearProbe.of(Probes.SCRIPTS, weight, bias);
        NDManager manager = Probes.SCRIPTS.runtime().newManager()) {
      float[][] losses =
          probe.train(
              Tensors.of(manager, floats(inputs), inputs.length, inputs[0].length),
              Tensors.of(manager, PROBE.get("labels").longs(), inputs.length),
              order,
              rates);

      int parameters = classes * inputs[0].length;
      for (int l = 0; l < names.size(); l++) {
        int classifier = l;
        Close.within(1e-5, 1e-6)
            .check(
                names.get(l),
                PROBE.get("loss/" + names.get(l)).doubles(),
                IntStream.range(0, steps).mapToDouble(s -> losses[s][classifier]).toArray());
        Close.within(1e-4, 1e-6)
            .check(
                names.get(l),
                PROBE.get("final/" + names.get(l) + ".weight").doubles(),
                doubles(Arrays.copyOfRange(probe.weight(), l * parameters, (l + 1) * parameters)));
        Close.within(1e-4, 1e-6)
            .check(
                names.get(l),
                PROBE.get("final/" + names.get(l) + ".bias").doubles(),
                doubles(Arrays.copyOfRange(probe.bias(), l * classes, (l + 1) * classes)));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("inputs")
  void learningRatesFollowTheOriginalsCosine(ProbeInput input) {
    double[][] rates = rates(classifiers(input));
    for (int step = 0; step < rates.length; step++) {
      assertArrayEquals(rates[step], LinearProbe.ratesAt(rates[0], step, rates.length), 1e-12);
    }
  }

  /** The classifiers of an input, in the order of the original's parameter groups. */
  private static List<String> classifiers(ProbeInput input) {
    List<String> names = new ArrayList<>();
    for (String name : PROBE.names()) {
      Matcher m = CLASSIFIER.matcher(name);
      if (m.matches()
          && Integer.parseInt(m.group(1)) == input.blocks()
          && m.group(2).equals("True") == input.meanPatch()) {
        names.add(name.substring("loss/".length()));
      }
    }
    assertEquals(false, names.isEmpty());
    return names;
  }

  /** (steps, classifiers) of those named. */
  private static double[][] rates(List<String> names) {
    List<String> all =
        PROBE.names().stream()
            .filter(name -> CLASSIFIER.matcher(name).matches())
            .map(name -> name.substring("loss/".length()))
            .toList();
    double[] flat = PROBE.get("lrs").doubles();
    return IntStream.range(0, flat.length / all.size())
        .mapToObj(
            step ->
                names.stream()
                    .mapToDouble(name -> flat[step * all.size() + all.indexOf(name)])
                    .toArray())
        .toArray(double[][]::new);
  }

  private static float[][] built(ProbeInput input) {
    int images = Math.toIntExact(PROBE.get("block0_cls").dims()[0]);
    float[][] built = new float[images][];
    for (int image = 0; image < images; image++) {
      List<float[]> cls = new ArrayList<>();
      int block = 0;
      for (; PROBE.has("block" + block + "_cls"); block++) {
        cls.add(Probes.rows(PROBE.get("block" + block + "_cls"))[image]);
      }
      float[] patches = PROBE.get("block" + (block - 1) + "_patch").floats();
      int dim = cls.get(0).length;
      int perImage = patches.length / images;
      float[] layout =
          ProbeInput.layout(
              cls,
              ProbeInput.mean(
                  Arrays.copyOfRange(patches, image * perImage, (image + 1) * perImage), dim));
      FeatureRange range = input.range(cls.size(), dim);
      built[image] = Arrays.copyOfRange(layout, range.from(), range.from() + range.length());
    }
    return built;
  }

  private static float[] floats(float[][] rows) {
    float[] flat = new float[rows.length * rows[0].length];
    for (int row = 0; row < rows.length; row++) {
      System.arraycopy(rows[row], 0, flat, row * rows[0].length, rows[0].length);
    }
    return flat;
  }

  private static double[] flat(float[][] rows) {
    return doubles(floats(rows));
  }

  private static double[] doubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }
}
