package io.freshet.platform.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.freshet.platform.testing.FreshetCluster;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.Topic;
import io.freshet.schemas.Topics;
import java.util.List;
import org.apache.flink.api.common.JobStatus;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One job lives through everything that can happen to it; its output must not show any of it. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ExactlyOnceIT {
  private static final Topic<RetractedImage> OUT = Topics.IMAGE_RETRACTED;
  private static final int POISON = 2500;

  @RegisterExtension static final FreshetCluster CLUSTER = FreshetCluster.create();

  private static int lived;

  /** Each chapter goes on from the one before; after a failure the rest says nothing. */
  private static void chapter(int number) {
    assumeTrue(lived == number - 1, "an earlier chapter failed");
  }

  private static KeepFirstJob job() {
    return new KeepFirstJob("keep-first", OUT, Crawl.url(POISON));
  }

  private static void assertOnceEach(int count) {
    List<String> urls = CLUSTER.await(OUT, count).stream().map(r -> r.getImageId()).toList();
    assertEquals(Crawl.urls(0, count), urls.stream().sorted().toList());
    lived++;
  }

  @Test
  @Order(1)
  void eachRecordHasItsEffectOnce() {
    chapter(1);
    RunningJob job = CLUSTER.submit(job());
    CLUSTER.produce(Topics.CRAWL_IMAGES, Crawl.twice(0, 1000));
    assertOnceEach(1000);
    JobProgress progress = job.progress();
    assertEquals(JobStatus.RUNNING, progress.state());
    assertEquals(2000, progress.recordsIn());
    assertEquals(1000, progress.recordsOut());
    assertTrue(progress.completedCheckpoints() > 0, progress::toString);
  }

  @Test
  @Order(2)
  void goesOnAfterAnAbruptEndOfTheCluster() {
    chapter(2);
    CLUSTER.flink().jobs().get(0).awaitCheckpoints(2, FreshetCluster.PATIENCE);
    CLUSTER.produce(Topics.CRAWL_IMAGES, Crawl.twice(500, 2000));
    CLUSTER.crashFlink();
    CLUSTER.submit(job());
    CLUSTER.produce(Topics.CRAWL_IMAGES, Crawl.twice(0, 2000));
    assertOnceEach(2000);
  }

  @Test
  @Order(3)
  void goesOnAfterAFailureInAnOperator() {
    chapter(3);
    CLUSTER.produce(Topics.CRAWL_IMAGES, Crawl.twice(1500, 3000));
    assertOnceEach(3000);
    assertTrue(KeepFirstJob.FAILURES.get() > 0, "the failure was not injected");
    RunningJob job = CLUSTER.flink().jobs().get(0);
    assertEquals(1, job.progress().restarts());
    assertTrue(job.failure().orElseThrow().toString().contains("injected failure"));
  }

  @Test
  @Order(4)
  void goesOnAfterTheBrokerRestarted() {
    chapter(4);
    CLUSTER.restartBroker();
    CLUSTER.produce(Topics.CRAWL_IMAGES, Crawl.twice(2500, 3500));
    assertOnceEach(3500);
  }

  @Test
  @Order(5)
  void goesOnAfterACleanStop() {
    chapter(5);
    RunningJob job = CLUSTER.flink().jobs().get(0);
    assertThrows(JobException.class, () -> CLUSTER.flink().submit(job()));
    assertTrue(job.stop(FreshetCluster.PATIENCE));
    assertEquals(JobStatus.FINISHED, job.state());
    CLUSTER.produce(Topics.CRAWL_IMAGES, Crawl.twice(3000, 4000));
    CLUSTER.restartFlink();
    CLUSTER.submit(job());
    assertOnceEach(4000);
  }
}
