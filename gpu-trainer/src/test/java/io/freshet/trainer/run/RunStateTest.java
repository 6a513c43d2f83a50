package io.freshet.trainer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Sha256;
import io.freshet.trainer.checkpoint.Checkpoint;
import io.freshet.trainer.data.CompositionState;
import io.freshet.trainer.step.StepSnapshot;
import io.freshet.trainer.watch.WatchState;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RunStateTest {
  private static RunState begin() {
    return RunState.of(Optional.empty(), 7, Clock.systemUTC());
  }

  /** What a checkpoint makes of a run. */
  private static RunState resumed(RunState run) {
    Checkpoint checkpoint =
        run.checkpoint(new StepSnapshot(0, 0, Map.of()), CompositionState.initial());
    return RunState.of(Optional.of(checkpoint), 8, Clock.systemUTC());
  }

  @Test
  void goesOnAsTheSameRun() {
    RunState run = begin();
    run.measured("knn", Map.of("knn/photos", 0.25));
    run.skippedStep();
    RunState resumed = resumed(run);
    assertEquals(run.runId(), resumed.runId());
    assertEquals(7, resumed.seed());
    assertEquals(1, resumed.skipped());
    assertEquals(Map.of("knn/photos", 0.25), resumed.baselines());
  }

  @Test
  void newRunsHaveDifferentNames() {
    assertNotEquals(begin().runId(), begin().runId());
  }

  @Test
  void remembersWhichCurationModelWasMeasured() {
    RunState run = begin();
    assertEquals("", resumed(run).curationModel());
    run.curationModel("freshet@3");
    assertEquals("freshet@3", resumed(run).curationModel());
    assertEquals("freshet@3", resumed(resumed(run)).curationModel());
  }

  @Test
  void remembersTheProbeAndTheAlarmsOfTheWatch() {
    RunState run = begin();
    assertEquals(WatchState.initial(), resumed(run).watch());
    WatchState watched =
        new WatchState(
            List.of(new BlobRef("seeds/é.tar", 512L, 77, new Sha256(new byte[32]))),
            Map.of("rankme", 12.25),
            Map.of("rankme", "step 40: \"few\" dimensions"));
    run.watch(watched);
    assertEquals(watched, resumed(run).watch());
  }
}
