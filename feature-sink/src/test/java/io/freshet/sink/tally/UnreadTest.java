package io.freshet.sink.tally;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.schemas.TopicOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnreadTest {
  private final Unread unread = new Unread();

  @Test
  void countsRecordsAndNotTheEndsOfTransactions() {
    unread.written(0, 10);
    unread.written(0, 11);
    unread.written(0, 13);
    unread.written(1, 5);
    assertEquals(4, unread.count());
    unread.read(List.of(new TopicOffset("image.curated", 0, 12L)));
    assertEquals(2, unread.count());
  }

  @Test
  void aRecordThatIsHeardOfAfterItWasReadDoesNotWait() {
    unread.read(List.of(new TopicOffset("image.curated", 0, 12L)));
    unread.written(0, 11);
    unread.written(0, 12);
    assertEquals(1, unread.count());
  }

  @Test
  void aReaderThatStartsAgainFromAnOlderPositionMakesNothingUnread() {
    unread.read(List.of(new TopicOffset("image.curated", 0, 12L)));
    unread.read(List.of(new TopicOffset("image.curated", 0, 3L)));
    unread.written(0, 5);
    assertEquals(0, unread.count());
  }
}
