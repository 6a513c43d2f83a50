package io.freshet.trainer.background;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class BackgroundThreadTest {
  @Test
  void anInterruptedOwnerWaitsForTheTaskAndIsInterruptedStill() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    BackgroundThread thread = new BackgroundThread("under-test");
    Future<String> task =
        thread.submit(
            () -> {
              begun.countDown();
              Thread.sleep(50);
              return Thread.currentThread().getName();
            });
    begun.await();
    Thread.currentThread().interrupt();
    thread.close();
    assertTrue(Thread.interrupted(), "the interrupt was lost");
    assertTrue(task.isDone(), "close did not wait");
    assertEquals("under-test", task.get());
  }
}
