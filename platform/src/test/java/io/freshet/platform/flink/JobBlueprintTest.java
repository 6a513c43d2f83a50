package io.freshet.platform.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.platform.config.Config;
import io.freshet.schemas.CrawledImage;
import io.freshet.schemas.Topics;
import java.time.Clock;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;

class JobBlueprintTest {
  private static final Config CONFIG = Config.defaults();

  private static StreamGraph graph(StreamJob job) {
    FlinkConfig flink = CONFIG.section("flink", FlinkConfig.class);
    return new JobBlueprint(job, CONFIG, Clock.systemUTC())
        .graph(JobEnvironment.embedded(flink, job.name()), 0);
  }

  private static StreamJob job(String name, Consumer<JobContext> definition) {
    return new StreamJob() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public void define(JobContext context) {
        definition.accept(context);
      }
    };
  }

  @Test
  void everyOperatorHasAUid() {
    StreamGraph graph = graph(new KeepFirstJob("keep-first"));
    assertFalse(graph.getStreamNodes().isEmpty());
    for (StreamNode node : graph.getStreamNodes()) {
      assertTrue(
          node.getTransformationUID() != null && !node.getTransformationUID().isEmpty(),
          () -> node.getOperatorName() + " has no uid");
    }
  }

  /** Changing one of these orphans state in every deployment. */
  @Test
  void uidsOfSourcesAndSinksNeverChange() {
    Set<String> uids =
        graph(new KeepFirstJob("keep-first")).getStreamNodes().stream()
            .map(StreamNode::getTransformationUID)
            .collect(Collectors.toSet());
    assertEquals(
        Set.of(
            "source/crawl.images",
            "decode/crawl.images",
            "record/crawl.images",
            "keep-first",
            "guard/image.retracted",
            "sink/image.retracted",
            "Sink Committer: sink/image.retracted",
            "guard/image.rejected",
            "sink/image.rejected",
            "Sink Committer: sink/image.rejected"),
        uids);
  }

  @Test
  void refusesAnOperatorWithoutUid() {
    StreamJob careless =
        job(
            "careless",
            context ->
                context.write(
                    context
                        .read(Topics.CRAWL_IMAGES)
                        .filter(image -> !image.getImageUrl().isEmpty()),
                    Topics.CRAWL_IMAGES));
    IllegalStateException refused =
        assertThrows(
            IllegalStateException.class,
            () -> graph(careless).getJobGraph(getClass().getClassLoader(), null));
    assertTrue(refused.getMessage().contains("UID"), refused::toString);
  }

  @Test
  void refusesTypesThatOnlyKryoCouldWrite() {
    StreamJob careless =
        job(
            "careless",
            context ->
                context
                    .read(Topics.CRAWL_IMAGES)
                    .map(image -> new Object())
                    .uid("object")
                    .keyBy(Object::hashCode)
                    .map(object -> new Object())
                    .uid("again")
                    .sinkTo(new DiscardingSink<>())
                    .uid("discard"));
    assertThrows(
        UnsupportedOperationException.class,
        () -> graph(careless).getJobGraph(getClass().getClassLoader(), null));
  }

  @Test
  void sharesOneSourceAndOneSinkPerTopic() {
    StreamJob twice =
        job(
            "twice",
            context -> {
              context.write(context.read(Topics.CRAWL_IMAGES), Topics.CRAWL_IMAGES);
              context.write(
                  context
                      .readWithOrigin(Topics.CRAWL_IMAGES)
                      .map(located -> located.f1, JobContext.avro(CrawledImage.class))
                      .uid("second"),
                  Topics.CRAWL_IMAGES);
            });
    StreamGraph graph = graph(twice);
    assertEquals(1, graph.getSourceIDs().size());
    assertEquals(
        1,
        graph.getStreamNodes().stream()
            .filter(node -> "sink/crawl.images".equals(node.getTransformationUID()))
            .count());
  }

  @Test
  void refusesNamesThatNoDirectoryCouldBear() {
    for (String name : new String[] {"", "Ingest", "a/b", "..", "x".repeat(64)}) {
      assertThrows(
          IllegalArgumentException.class, () -> graph(job(name, context -> {})), () -> name);
    }
  }
}
