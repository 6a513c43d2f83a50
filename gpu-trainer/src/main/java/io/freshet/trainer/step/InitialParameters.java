package io.freshet.trainer.step;

import io.freshet.trainer.checkpoint.StateTensor;
import io.freshet.trainer.loss.HeadParameters;
import io.freshet.vision.model.ParameterInitialization;
import io.freshet.vision.model.VisionTransformerConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** First values of a model before any training. */
public final class InitialParameters {

  private InitialParameters() {}

  /** backbone.*, dino_head.* and, if it is separate, ibot_head.*; equal seeds give equal values. */
  public static Map<String, StateTensor> draw(TrainingConfig config, long seed) {
    Map<String, StateTensor> parameters = new LinkedHashMap<>();
    VisionTransformerConfig backbone = config.backbone();
    backbone
        .parameterShapes()
        .forEach(
            (name, shape) ->
                parameters.put(
                    "backbone." + name,
                    StateTensor.of(
                        ParameterInitialization.backbone(backbone, name, shape, seed),
                        shape.getShape())));
    Map<String, List<Long>> heads = new LinkedHashMap<>();
    int width = config.model().embedDim();
    heads.putAll(HeadParameters.shapes("dino_head.", width, config.losses().dino().head()));
    if (config.losses().ibot().separateHead()) {
      heads.putAll(HeadParameters.shapes("ibot_head.", width, config.losses().ibot().head()));
    }
    heads.forEach(
        (name, shape) ->
            parameters.put(
                name,
                StateTensor.of(
                    HeadParameters.initial(name, shape, seed),
                    shape.stream().mapToLong(Long::longValue).toArray())));
    return parameters;
  }
}
