package io.freshet.sink.feature;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.platform.flink.JobContext;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Revocation;
import io.freshet.schemas.Sha256;
import io.freshet.schemas.SourceUrls;
import io.freshet.schemas.UniqueImage;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** Revocations by URL and by id, before and after the image. */
@SuppressWarnings("try") // A harness closes with any exception.
class RevocationGateTest {
  private static final String A = "a".repeat(64);
  private static final String B = "b".repeat(64);

  @Test
  void withdrawsEveryImageThatWasUniqueAtTheUrl() throws Exception {
    try (Gate gate = new Gate()) {
      gate.image(A, "http://site/1");
      gate.image(B, "http://site/1");
      gate.image("c".repeat(64), "http://site/2");
      gate.revoke("http://site/1");
      gate.revoke("http://site/1");
      assertEquals(List.of(A, B), gate.withdrawn());
      assertEquals(3, gate.extractOutputValues().size());
    }
  }

  @Test
  void stopsAnImageThatComesAfterTheRevocationOfItsUrl() throws Exception {
    try (Gate gate = new Gate()) {
      gate.revoke("http://site/1");
      gate.image(A, "http://site/1");
      assertEquals(List.of(), gate.extractOutputValues());
      assertEquals(List.of(A), gate.withdrawn());
    }
  }

  @Test
  void takesAnImageIdAsItIs() throws Exception {
    try (Gate gate = new Gate()) {
      gate.revoke(A);
      assertEquals(List.of(A), gate.withdrawn());
    }
  }

  private static final class Gate
      extends KeyedTwoInputStreamOperatorTestHarness<String, UniqueImage, Revocation, UniqueImage> {
    Gate() throws Exception {
      super(
          new KeyedCoProcessOperator<>(new RevocationGate()),
          image -> image.getSource().getImageUrl(),
          Revocation::getTarget,
          Types.STRING);
      setup(JobContext.avro(UniqueImage.class).createSerializer(new SerializerConfigImpl()));
      open();
    }

    void image(String id, String url) throws Exception {
      BlobRef blob = new BlobRef("shard", 0L, 1, new Sha256(new byte[32]));
      Instant now = Instant.EPOCH;
      processElement1(
          new StreamRecord<>(
              new UniqueImage(
                  "request",
                  id,
                  blob,
                  1,
                  1,
                  id,
                  null,
                  new SourceUrls(url, null, null),
                  now,
                  now,
                  now)));
    }

    void revoke(String target) throws Exception {
      processElement2(new StreamRecord<>(new Revocation(target, "opt-out", Instant.EPOCH)));
    }

    List<String> withdrawn() {
      Queue<StreamRecord<String>> side = getSideOutput(RevocationGate.WITHDRAWN);
      return side == null ? List.of() : side.stream().map(StreamRecord::getValue).sorted().toList();
    }
  }
}
