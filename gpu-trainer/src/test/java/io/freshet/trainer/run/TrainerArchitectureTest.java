package io.freshet.trainer.run;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The walls inside the trainer: mathematics knows no Kafka, and nothing knows the process. */
@AnalyzeClasses(packages = "io.freshet.trainer", importOptions = DoNotIncludeTests.class)
class TrainerArchitectureTest {
  @ArchTest
  static final ArchRule THE_TRAINER_KNOWS_NO_FLINK_AND_NO_OTHER_STAGE =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.apache.flink..",
              "io.freshet.platform.flink..",
              "io.freshet.ingest..",
              "io.freshet.dedup..",
              "io.freshet.curator..",
              "io.freshet.features..");

  @ArchTest
  static final ArchRule MATHEMATICS_KNOWS_NO_KAFKA_NO_REGISTRY_NO_BLOBS =
      noClasses()
          .that()
          .resideInAnyPackage("..loss..", "..masking..", "..optim..", "..schedule..", "..step..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.apache.kafka..", "io.freshet.platform..", "io.freshet.schemas..");

  @ArchTest
  static final ArchRule NOTHING_KNOWS_THE_PROCESS =
      noClasses()
          .that()
          .resideOutsideOfPackage("..run..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.freshet.trainer.run..");

  @ArchTest
  static final ArchRule CHECKPOINTS_AND_DATA_KNOW_NO_RELEASES =
      noClasses()
          .that()
          .resideInAnyPackage("..checkpoint..", "..data..", "..evaluate..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.freshet.trainer.release..");
}
