package io.freshet.deploy.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The walls between the modules, as docs/architecture.md draws them. */
@AnalyzeClasses(packages = "io.freshet", importOptions = ModuleWallsTest.NoTests.class)
class ModuleWallsTest {
  /** Leaves out test classes, also those that a module brings along as a jar. */
  static final class NoTests implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("/test-classes/") && !location.contains("-tests.jar");
    }
  }

  private static final String[] STAGES = {
    "io.freshet.ingest..",
    "io.freshet.dedup..",
    "io.freshet.curator..",
    "io.freshet.trainer..",
    "io.freshet.sink.."
  };

  @ArchTest
  static final ArchRule schemasKnowNeitherFlinkNorDjl =
      noClasses()
          .that()
          .resideInAPackage("io.freshet.schemas..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.flink..", "ai.djl..", "io.freshet.platform..");

  @ArchTest
  static final ArchRule platformKnowsNoDjlAndNoStage =
      noClasses()
          .that()
          .resideInAPackage("io.freshet.platform..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              with(STAGES, "ai.djl..", "io.freshet.vision..", "io.freshet.deploy.."));

  @ArchTest
  static final ArchRule visionKnowsNeitherStreamsNorStages =
      noClasses()
          .that()
          .resideInAPackage("io.freshet.vision..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              with(
                  STAGES,
                  "org.apache.kafka..",
                  "org.apache.flink..",
                  "io.freshet.platform..",
                  "io.freshet.schemas..",
                  "io.freshet.deploy.."));

  @ArchTest static final ArchRule ingestKnowsNoOtherStage = knowsNoOtherStage(0);
  @ArchTest static final ArchRule dedupKnowsNoOtherStage = knowsNoOtherStage(1);
  @ArchTest static final ArchRule curatorKnowsNoOtherStage = knowsNoOtherStage(2);
  @ArchTest static final ArchRule trainerKnowsNoOtherStage = knowsNoOtherStage(3);
  @ArchTest static final ArchRule featureSinkKnowsNoOtherStage = knowsNoOtherStage(4);

  @ArchTest
  static final ArchRule trainerCoreKnowsNoFlink =
      noClasses()
          .that()
          .resideInAPackage("io.freshet.trainer..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.flink..");

  @ArchTest
  static final ArchRule nothingDeserialisesForeignJavaObjects =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.io.ObjectInputStream");

  @ArchTest
  static final ArchRule noPackageWithoutAConcept =
      noClasses()
          .should()
          .resideInAnyPackage("..util..", "..utils..", "..helper..", "..manager..", "..common..");

  private static ArchRule knowsNoOtherStage(int stage) {
    String[] others =
        IntStream.range(0, STAGES.length)
            .filter(other -> other != stage)
            .mapToObj(other -> STAGES[other])
            .toArray(String[]::new);
    return noClasses()
        .that()
        .resideInAPackage(STAGES[stage])
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(with(others, "io.freshet.deploy.."));
  }

  private static String[] with(String[] packages, String... more) {
    return Stream.concat(Arrays.stream(packages), Arrays.stream(more)).toArray(String[]::new);
  }
}
