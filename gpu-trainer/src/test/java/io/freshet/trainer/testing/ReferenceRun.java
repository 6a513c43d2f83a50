package io.freshet.trainer.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.trainer.checkpoint.StateTensor;
import io.freshet.trainer.loss.Centering;
import io.freshet.trainer.loss.DinoConfig;
import io.freshet.trainer.loss.HeadConfig;
import io.freshet.trainer.loss.IbotConfig;
import io.freshet.trainer.loss.LossConfig;
import io.freshet.trainer.masking.MaskSampling;
import io.freshet.trainer.masking.TokenMasks;
import io.freshet.trainer.optim.OptimizerConfig;
import io.freshet.trainer.schedule.ScheduleConfig;
import io.freshet.trainer.schedule.StepSettings;
import io.freshet.trainer.step.CropsConfig;
import io.freshet.trainer.step.ModelConfig;
import io.freshet.trainer.step.MultiCrop;
import io.freshet.trainer.step.TrainingBatch;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.vision.model.VisionTransformerConfig.Ffn;
import io.freshet.vision.testing.Goldens;
import io.freshet.vision.testing.Npz;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Configurations, parameters and batches of the reference's training runs. */
public final class ReferenceRun {

  private static final int ATTENTION_HEADS = 4;

  private ReferenceRun() {}

  /** The configuration of run {@code name} in folder trainstep. */
  public static TrainingConfig config(String name) {
    JsonNode summary = summary("trainstep").get(name);
    JsonNode config = summary.get("config");
    Npz init = Goldens.npz("trainstep", name + ".init.npz");
    Npz batch = Goldens.npz("trainstep", "batch.npz");
    return config(
        init,
        batch,
        config.get("centering").asText().equals("sinkhorn_knopp")
            ? Centering.SINKHORN_KNOPP
            : Centering.SOFTMAX,
        config.get("separate").asBoolean(),
        summary.get("heads").get("koleo_loss_weight").asDouble(),
        config.get("clip").asDouble(),
        schedule(summary));
  }

  /** A configuration of the sizes that the student of {@code init} has. */
  public static TrainingConfig config(
      Npz init,
      Npz batch,
      Centering centering,
      boolean separateHead,
      double koleoWeight,
      double clip,
      ScheduleConfig schedule) {
    List<Long> globals = batch.get("collated_global_crops").shape();
    List<Long> locals = batch.get("collated_local_crops").shape();
    int images = (int) (globals.get(0) / 2);
    HeadConfig dino = head(init, "student/dino_head.");
    HeadConfig ibot = separateHead ? head(init, "student/ibot_head.") : dino;
    return new TrainingConfig(
        images,
        model(init, "student/"),
        new CropsConfig(
            globals.get(2).intValue(),
            0.32,
            1,
            (int) (locals.get(0) / images),
            locals.get(2).intValue(),
            0.05,
            0.32),
        Recipes.defaults().augmentation(),
        new LossConfig(
            centering,
            3,
            0.9,
            0.1,
            koleoWeight,
            new DinoConfig(1, dino),
            new IbotConfig(1, separateHead, ibot, new MaskSampling(0.5, 0.1, 0.5))),
        new OptimizerConfig(0.9, 0.999, 1e-8, clip, 0.9, 0.2),
        schedule);
  }

  private static ScheduleConfig schedule(JsonNode summary) {
    JsonNode s = summary.get("schedules");
    long epoch = s.get("epoch_length").asLong();
    JsonNode temperature = s.get("temp");
    long warm = Long.parseLong(temperature.get(2).asText().replaceAll("\\D", ""));
    return new ScheduleConfig(
        ScheduleConfig.Shape.COSINE,
        s.get("epochs").asLong() * epoch,
        summary.get("lr_base").asDouble(),
        ScheduleConfig.Scaling.NONE,
        s.get("min_lr").asDouble(),
        s.get("warmup_epochs").asLong() * epoch,
        s.get("freeze_last_layer_epochs").asLong() * epoch,
        s.get("wd").get(0).asDouble(),
        s.get("wd").get(1).asDouble(),
        s.get("momentum").get(0).asDouble(),
        s.get("momentum").get(1).asDouble(),
        temperature.get(0).asDouble(),
        temperature.get(1).asDouble(),
        warm * epoch);
  }

  public static JsonNode summary(String area) {
    try {
      return new ObjectMapper().readTree(Goldens.dir(area).resolve("summary.json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The architecture that parameters under {@code prefix} have. */
  public static ModelConfig model(Npz init, String prefix) {
    List<Long> patch = init.get(prefix + "backbone.patch_embed.proj.weight").shape();
    int depth = 0;
    while (init.has(prefix + "backbone.blocks." + depth + ".norm1.weight")) {
      depth++;
    }
    return new ModelConfig(
        patch.get(2).intValue(),
        patch.get(0).intValue(),
        depth,
        ATTENTION_HEADS,
        init.has(prefix + "backbone.blocks.0.mlp.w12.weight") ? Ffn.SWIGLU : Ffn.MLP,
        0,
        1.0,
        0.0);
  }

  private static HeadConfig head(Npz init, String prefix) {
    List<Long> prototypes = init.get(prefix + "last_layer.weight_v").shape();
    int layers = 0;
    while (init.has(prefix + "mlp." + 2 * layers + ".weight")) {
      layers++;
    }
    return new HeadConfig(
        prototypes.get(0).intValue(),
        init.get(prefix + "mlp.0.weight").shape().get(0).intValue(),
        prototypes.get(1).intValue(),
        layers);
  }

  /** The settings that {@code expected} recorded for its step {@code index}. */
  public static StepSettings settings(Npz expected, int index) {
    return new StepSettings(
        expected.get("lr").doubles()[index],
        expected.get("last_layer_lr").doubles()[index],
        expected.get("wd").doubles()[index],
        expected.get("momentum").doubles()[index],
        expected.get("teacher_temp").doubles()[index]);
  }

  /** Parameters by checkpoint name. */
  public static Map<String, StateTensor> parameters(Npz npz, String prefix) {
    Map<String, StateTensor> parameters = new TreeMap<>();
    npz.under(prefix)
        .forEach(
            (name, array) -> parameters.put(name, StateTensor.of(array.floats(), array.dims())));
    return parameters;
  }

  /** The batch of an area with masks that the caller read. */
  public static TrainingBatch batch(Npz npz, TokenMasks masks) {
    Npz.Array globals = npz.get("collated_global_crops");
    Npz.Array locals = npz.get("collated_local_crops");
    int images = (int) (globals.shape().get(0) / 2);
    List<float[]> globalCrops = rows(globals);
    List<float[]> localCrops = rows(locals);
    List<MultiCrop> crops = new ArrayList<>();
    for (int image = 0; image < images; image++) {
      crops.add(new MultiCrop(every(globalCrops, image, images), every(localCrops, image, images)));
    }
    return TrainingBatch.collate(
        crops, globals.shape().get(2).intValue(), locals.shape().get(2).intValue(), masks);
  }

  private static List<float[]> rows(Npz.Array array) {
    float[] all = array.floats();
    int rows = array.shape().get(0).intValue();
    int length = all.length / rows;
    List<float[]> split = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      split.add(Arrays.copyOfRange(all, row * length, (row + 1) * length));
    }
    return split;
  }

  private static List<float[]> every(List<float[]> crops, int first, int stride) {
    List<float[]> picked = new ArrayList<>();
    for (int i = first; i < crops.size(); i += stride) {
      picked.add(crops.get(i));
    }
    return picked;
  }

  /** Masks from an array (crops, patches). */
  public static TokenMasks masks(Npz.Array array) {
    int patches = array.shape().get(1).intValue();
    boolean[] flat = array.booleans();
    boolean[][] masks = new boolean[array.shape().get(0).intValue()][];
    for (int crop = 0; crop < masks.length; crop++) {
      masks[crop] = Arrays.copyOfRange(flat, crop * patches, (crop + 1) * patches);
    }
    return TokenMasks.of(masks);
  }
}
