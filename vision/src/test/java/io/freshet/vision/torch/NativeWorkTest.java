package io.freshet.vision.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class NativeWorkTest {

  private final AtomicBoolean overrun = new AtomicBoolean();

  private NativeWork work(Duration grace) {
    return new NativeWork(grace, () -> overrun.set(true));
  }

  @Test
  void registeredWorkMayStillComputeWhileItStops() {
    NativeWork work = work(Duration.ofSeconds(10));
    AtomicBoolean saved = new AtomicBoolean();
    work.register(
        "trainer",
        () -> {
          work.enter();
          saved.set(true);
          work.leave();
        });
    work.shutDown();
    assertTrue(saved.get());
    assertFalse(overrun.get());
  }

  @Test
  void refusesNewCallsOnceShutDown() {
    NativeWork work = work(Duration.ofSeconds(10));
    work.shutDown();
    assertThrows(IllegalStateException.class, work::enter);
  }

  @Test
  void waitsForACallThatIsInside() throws Exception {
    NativeWork work = work(Duration.ofSeconds(10));
    List<String> order = new CopyOnWriteArrayList<>();
    work.enter();
    Thread hook =
        new Thread(
            () -> {
              work.shutDown();
              order.add("ended");
            });
    hook.start();
    Thread.sleep(30);
    order.add("left");
    work.leave();
    hook.join();
    assertEquals(List.of("left", "ended"), order);
    assertFalse(overrun.get());
  }

  @Test
  void haltsWhenACallOutlastsTheGrace() {
    NativeWork work = work(Duration.ofMillis(20));
    work.enter();
    work.shutDown();
    assertTrue(overrun.get());
  }

  @Test
  void haltsWhenRegisteredWorkDoesNotStop() {
    NativeWork work = work(Duration.ofMillis(20));
    CountDownLatch never = new CountDownLatch(1);
    work.register("stuck", never::await);
    work.shutDown();
    never.countDown();
    assertTrue(overrun.get());
  }

  @Test
  void endedRegistrationsAreNotStopped() {
    NativeWork work = work(Duration.ofSeconds(10));
    AtomicBoolean stopped = new AtomicBoolean();
    work.register("done", () -> stopped.set(true)).close();
    work.shutDown();
    assertFalse(stopped.get());
  }
}
