package io.freshet.sink.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.schemas.TopicOffset;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnreadTest {
  private final Unread unread = new Unread();
  private final List<Instant> passed = new ArrayList<>();

  private void written(int partition, long offset) {
    unread.written(partition, offset, Instant.ofEpochSecond(offset));
  }

  private void read(long next) {
    unread.read(List.of(new TopicOffset("image.curated", 0, next)), passed::add);
  }

  @Test
  void tellsOnceWhenEachRecordWasWrittenThatTheReaderCamePast() {
    written(0, 10);
    written(0, 11);
    written(0, 13);
    read(12);
    assertEquals(List.of(Instant.ofEpochSecond(10), Instant.ofEpochSecond(11)), passed);
    read(12);
    written(0, 11);
    read(14);
    assertEquals(3, passed.size());
  }

  @Test
  void countsRecordsAndNotTheEndsOfTransactions() {
    written(0, 10);
    written(0, 11);
    written(0, 13);
    written(1, 5);
    assertEquals(4, unread.count());
    read(12);
    assertEquals(2, unread.count());
  }

  @Test
  void aRecordThatIsHeardOfAfterItWasReadDoesNotWait() {
    read(12);
    written(0, 11);
    written(0, 12);
    assertEquals(1, unread.count());
  }

  @Test
  void aReaderThatStartsAgainFromAnOlderPositionMakesNothingUnread() {
    read(12);
    read(3);
    written(0, 5);
    assertEquals(0, unread.count());
  }
}
