package io.freshet.trainer.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OffsetReplayTest {
  private final List<Admission> arriving = new ArrayList<>();
  private final OffsetReplay.Source source =
      new OffsetReplay.Source() {
        @Override
        public List<Admission> arrived() {
          List<Admission> arrived = List.copyOf(arriving);
          arriving.clear();
          return arrived;
        }

        @Override
        public List<Admission> await(Duration patience) {
          return arrived();
        }
      };

  @Test
  void givesEachStepWhatTheLedgerSaysAndThenWhatArrived() {
    OffsetReplay replay =
        new OffsetReplay(
            source, Map.of(0, 5L), Map.of(10L, Map.of(0, 7L), 11L, Map.of(0, 7L, 1, 2L)));
    arriving.addAll(Samples.admissions(0, 5, 9, 2));
    assertTrue(replay.ready(10));
    assertEquals(Samples.admissions(0, 5, 7, 2), replay.take(10));

    assertFalse(replay.ready(11), "partition 1 has not delivered");
    arriving.addAll(Samples.admissions(1, 0, 4, 2));
    assertTrue(replay.ready(11));
    assertEquals(Samples.admissions(1, 0, 2, 2), replay.take(11));

    assertTrue(replay.ready(12));
    assertEquals(4, replay.waitingImages());
    assertEquals(4, replay.take(12).size());
    assertTrue(replay.take(13).isEmpty());
  }

  @Test
  void aStepThatConsumedNothingNewNeedsNoRecords() {
    OffsetReplay replay = new OffsetReplay(source, Map.of(0, 5L), Map.of(10L, Map.of(0, 5L)));
    assertTrue(replay.ready(10));
    assertTrue(replay.take(10).isEmpty());
  }
}
