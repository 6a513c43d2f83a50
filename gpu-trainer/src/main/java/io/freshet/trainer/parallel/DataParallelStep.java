package io.freshet.trainer.parallel;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.freshet.trainer.loss.Centering;
import io.freshet.trainer.loss.LossConfig;
import io.freshet.trainer.optim.ParameterGroups;
import io.freshet.trainer.schedule.StepSettings;
import io.freshet.trainer.step.ModelParts;
import io.freshet.trainer.step.StepOutcome;
import io.freshet.trainer.step.StepResult;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.trainer.step.StudentUpdate;
import io.freshet.trainer.step.TrainerState;
import io.freshet.trainer.step.TrainingBatch;
import io.freshet.trainer.step.TrainingConfig;
import io.freshet.vision.torch.GradMode;
import io.freshet.vision.torch.Tensors;
import io.freshet.vision.torch.TorchScriptLibrary;
import io.freshet.vision.torch.TorchValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * One self-supervised step of DINOv2 on several devices. Each sends its images through the
 * backbones; the first one gathers the tokens that the losses look at, computes targets, heads and
 * losses of the whole batch, and gives each device the gradients of its tokens to carry on with.
 * The sum of the backbone's gradients makes one update, which all devices take over.
 *
 * <p>Guarantee: losses, gradients and parameters are those of {@link
 * io.freshet.trainer.step.TrainingStep} on one device with the same batch, settings and random
 * numbers, but for the order of summation in float32. Sinkhorn-Knopp, centres, KoLeo's neighbours
 * and the losses' denominators see the whole batch. A step that is not finite changes nothing but
 * the step count. Equal input gives equal bits on CPUs.
 *
 * <p>Owned by the training thread, which closes it.
 */
public final class DataParallelStep implements AutoCloseable {
  private static final String BACKBONE = "backbone.";

  private final TrainingConfig config;
  private final TorchScriptLibrary library;
  private final TrainerState master;
  private final Replicas replicas;
  private final List<Shard> shards;
  private final ParameterGroups groups;
  private final StudentUpdate update;
  private final List<String> backboneNames;
  private final List<String> headNames;

  /**
   * @param library the trainer's scripts; closed by the caller after the last step
   * @param snapshot where to go on from
   * @param devices one replica each; the first also does the heads and the update. A CPU may be
   *     named several times.
   */
  public DataParallelStep(
      TrainingConfig config,
      TorchScriptLibrary library,
      StepSnapshot snapshot,
      List<Device> devices) {
    this.config = config;
    this.library = library;
    this.shards = Shard.of(config.batchImages(), devices.size());
    this.master = TrainerState.restore(library.runtime().newManager(devices.get(0)), snapshot);
    List<Replica> made = new ArrayList<>();
    for (Device device : devices) {
      made.add(
          made.isEmpty()
              ? Replica.over(master, library, config.backbone(), device)
              : Replica.copyOf(master, library, config.backbone(), device));
    }
    this.replicas = new Replicas(made);
    this.groups =
        ParameterGroups.of(master.student().keySet(), config.model().depth(), config.optimizer());
    this.update = new StudentUpdate(library, config.optimizer(), groups, master);
    this.backboneNames = names(true);
    this.headNames = names(false);
  }

  private List<String> names(boolean backbone) {
    return groups.names().stream().filter(name -> name.startsWith(BACKBONE) == backbone).toList();
  }

  /** The next step to run, from 0. */
  public long step() {
    return master.step();
  }

  /** Images of all applied steps. */
  public long imagesSeen() {
    return master.imagesSeen();
  }

  /** The moving average of the student, on the first device; live. */
  public ModelParts teacher() {
    return ModelParts.of(master.teacher());
  }

  /** The centre of the class targets, on the first device; live. */
  public NDArray dinoCenter() {
    return master.centers().get(0);
  }

  /** Copies everything to the Java heap. */
  public StepSnapshot snapshot() {
    return master.snapshot();
  }

  /**
   * Runs the next step.
   *
   * @param batch as many images as the recipe says
   * @param random decides which samples drop which paths
   */
  public StepResult run(TrainingBatch batch, StepSettings settings, RandomGenerator random) {
    KeptPaths kept =
        KeptPaths.draw(random, config.model().dropPath(), config.model().depth(), batch);
    List<Replica.Pass> passes = new ArrayList<>();
    try (NDManager scope = library.runtime().newManager(replicas.device());
        NDScope rest = new NDScope()) {
      rest.suppressNotUsedWarning();
      passes.addAll(replicas.each(i -> replicas.get(i).forward(batch, shards.get(i), kept)));
      StepOutcome outcome = headsAndBackward(scope, passes, batch.localCrops(), settings);
      if (!outcome.isFinite()) {
        return update.skip(outcome, settings);
      }
      StepResult result = update.apply(scope, outcome, batch.images(), settings);
      replicas.follow(master);
      return result;
    } finally {
      passes.forEach(Replica.Pass::close);
    }
  }

  private StepOutcome headsAndBackward(
      NDManager scope, List<Replica.Pass> passes, int localCrops, StepSettings settings) {
    List<TorchValue> results =
        library
            .call(
                scope,
                GradMode.ENABLE_GRAD,
                "heads_step",
                headArguments(scope, passes, localCrops, settings))
            .items();
    Map<String, NDArray> report = results.get(0).dict();
    Map<String, NDArray> gradients = new LinkedHashMap<>();
    put(gradients, headNames, results.get(1).tensors());
    put(gradients, backboneNames, backboneGradients(scope, passes, results.get(2).tensors()));
    List<NDArray> ordered = groups.names().stream().map(gradients::get).toList();
    float[] norms = call(scope, "norms", TorchValue.tensors(ordered)).tensor().toFloatArray();
    return StepOutcome.of(
        report,
        groups.moduleNorms(norms),
        ordered,
        List.of(report.get("dino_center"), report.get("ibot_center")));
  }

  private static void put(Map<String, NDArray> map, List<String> names, List<NDArray> values) {
    for (int i = 0; i < names.size(); i++) {
      map.put(names.get(i), values.get(i));
    }
  }

  private TorchValue[] headArguments(
      NDManager scope, List<Replica.Pass> passes, int localCrops, StepSettings settings) {
    LossConfig losses = config.losses();
    float[] weights = concat(passes.stream().map(Replica.Pass::patchWeights).toList());
    return new TorchValue[] {
      tokens(passes, Replica.Pass::globalCls),
      tokens(passes, Replica.Pass::localCls),
      tokens(passes, Replica.Pass::masked),
      tokens(passes, Replica.Pass::seenCls),
      tokens(passes, Replica.Pass::seenMasked),
      TorchValue.integer(localCrops),
      TorchValue.dict(ModelParts.of(master.student()).heads()),
      TorchValue.tensors(master.student(headNames)),
      TorchValue.dict(ModelParts.of(master.teacher()).heads()),
      TorchValue.tensor(Tensors.of(scope, weights, weights.length)),
      TorchValue.tensors(master.centers()),
      TorchValue.flag(losses.ibot().separateHead()),
      TorchValue.flag(losses.centering() == Centering.SINKHORN_KNOPP),
      TorchValue.integer(losses.sinkhornIterations()),
      TorchValue.real(losses.centerMomentum()),
      TorchValue.real(settings.teacherTemperature()),
      TorchValue.real(losses.studentTemperature()),
      TorchValue.real(losses.dino().weight()),
      TorchValue.real(losses.koleoWeight()),
      TorchValue.real(losses.ibot().weight())
    };
  }

  private static TorchValue tokens(
      List<Replica.Pass> passes, Function<Replica.Pass, NDArray> which) {
    return TorchValue.tensors(passes.stream().map(which).toList());
  }

  private static float[] concat(List<float[]> parts) {
    float[] whole = new float[parts.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, whole, at, part.length);
      at += part.length;
    }
    return whole;
  }

  /** Carries the tokens' gradients on through each backbone and sums up, replica after replica. */
  private List<NDArray> backboneGradients(
      NDManager scope, List<Replica.Pass> passes, List<NDArray> tokenGradients) {
    int ends = tokenGradients.size() / passes.size();
    List<String> bare =
        backboneNames.stream().map(name -> name.substring(BACKBONE.length())).toList();
    List<List<NDArray>> shares =
        replicas.each(
            i -> passes.get(i).backward(tokenGradients.subList(i * ends, (i + 1) * ends), bare));
    List<NDArray> sums = shares.get(0);
    for (List<NDArray> share : shares.subList(1, shares.size())) {
      sums =
          call(scope, "sum_shares", TorchValue.tensors(sums), TorchValue.tensors(share)).tensors();
    }
    return sums;
  }

  private TorchValue call(NDManager scope, String method, TorchValue... arguments) {
    return library.call(scope, GradMode.NO_GRAD, method, arguments);
  }

  @Override
  public void close() {
    replicas.close();
    master.close();
  }
}
