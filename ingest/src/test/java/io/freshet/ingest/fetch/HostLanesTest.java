package io.freshet.ingest.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HostLanesTest {
  private final ExecutorService pool = Executors.newFixedThreadPool(8);
  private final HostLanes lanes = new HostLanes(pool, 2);

  @AfterEach
  void stopPool() {
    pool.shutdownNow();
  }

  @Test
  void runsEverythingAndNeverTooManyOfOneHost() throws Exception {
    Map<String, AtomicInteger> running = new ConcurrentHashMap<>();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(600);
    for (int i = 0; i < 600; i++) {
      String host = "host" + i % 3;
      lanes.submit(
          host,
          () -> {
            AtomicInteger now = running.computeIfAbsent(host, h -> new AtomicInteger());
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            Thread.onSpinWait();
            now.decrementAndGet();
            done.countDown();
          });
    }
    assertTrue(done.await(20, TimeUnit.SECONDS));
    assertTrue(most.get() <= 2, "at most 2, were " + most);
    for (int i = 0; i < 100 && lanes.hosts() > 0; i++) {
      Thread.sleep(10);
    }
    assertEquals(0, lanes.hosts());
  }

  @Test
  void slowHostHoldsNoThreadsBeyondItsLimit() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    for (int i = 0; i < 50; i++) {
      lanes.submit("slow", () -> awaitQuietly(release));
    }
    CountDownLatch other = new CountDownLatch(20);
    for (int i = 0; i < 20; i++) {
      lanes.submit("other" + i, other::countDown);
    }
    assertTrue(other.await(10, TimeUnit.SECONDS), "other hosts go on");
    release.countDown();
  }

  @Test
  void keepsTheOrderOfAHostAndSurvivesFailures() throws Exception {
    HostLanes single = new HostLanes(pool, 1);
    List<Integer> order = new CopyOnWriteArrayList<>();
    CountDownLatch done = new CountDownLatch(20);
    for (int i = 0; i < 20; i++) {
      int number = i;
      single.submit(
          "host",
          () -> {
            order.add(number);
            done.countDown();
            if (number % 5 == 0) {
              throw new IllegalStateException("expected by the test");
            }
          });
    }
    assertTrue(done.await(10, TimeUnit.SECONDS));
    assertEquals(List.of(0, 1, 2, 3, 4), order.subList(0, 5));
    assertEquals(order.stream().sorted().toList(), order);
  }

  @Test
  void dropsTasksOfAClosedPool() {
    pool.shutdownNow();
    lanes.submit("host", () -> {});
    assertEquals(0, lanes.hosts());
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
