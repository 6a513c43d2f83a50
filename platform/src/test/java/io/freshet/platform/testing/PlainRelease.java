package io.freshet.platform.testing;

import io.freshet.platform.registry.ModelVersion;
import io.freshet.platform.registry.Release;
import io.freshet.schemas.TopicOffset;
import java.util.List;
import java.util.Map;

/** What tests publish where little of a release matters. */
public final class PlainRelease {
  private PlainRelease() {}

  /** With nothing measured and nothing read. */
  public static Release at(long step) {
    return at(step, Map.of());
  }

  public static Release at(long step, Map<String, Double> metrics) {
    return release(step, List.of(), metrics, List.of());
  }

  /**
   * @param read next offsets of what it was trained on
   */
  public static Release at(long step, List<TopicOffset> read, List<ModelVersion> parents) {
    return release(step, read, Map.of(), parents);
  }

  /**
   * The bundled MobileNetV2, where a release is embedded with.
   *
   * @param embedding its spec
   */
  public static Release mobileNet(long step, Map<String, Object> embedding) {
    return new Release(
        "mobilenet_v2",
        1792,
        0,
        224,
        "run",
        step,
        step,
        List.of(),
        Map.of(),
        List.of(),
        embedding,
        "MIT");
  }

  private static Release release(
      long step, List<TopicOffset> read, Map<String, Double> metrics, List<ModelVersion> parents) {
    return new Release(
        "vit", 4, 16, 64, "run", step, 70, read, metrics, parents, Map.of(), "Apache-2.0");
  }
}
