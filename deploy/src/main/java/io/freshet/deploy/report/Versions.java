package io.freshet.deploy.report;

import ai.djl.engine.Engine;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.apache.kafka.common.utils.AppInfoParser;

/** The versions that a figure depends on. */
final class Versions {
  private Versions() {}

  static Map<String, String> ofThisProcess() {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("freshet", "0.1.0-SNAPSHOT");
    versions.put("java", Runtime.version().toString());
    versions.put("flink", EnvironmentInformation.getVersion());
    versions.put("kafka", AppInfoParser.getVersion());
    versions.put("pytorch", Engine.getEngine("PyTorch").getVersion());
    versions.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    versions.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
    return versions;
  }
}
