package io.freshet.trainer.exchange;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * What all workers have in common between rounds. Arrays are not copied and must not be written.
 *
 * @param round rounds that led to it
 * @param images that the accepted steps of all workers saw
 * @param student parameters
 * @param momentum of the outer step, as many values
 * @param teacher moving average of the student, as many values
 * @param centers of the targets
 */
public record OuterState(
    long round, long images, float[] student, float[] momentum, float[] teacher, float[] centers) {

  public OuterState {
    if (momentum.length != student.length || teacher.length != student.length) {
      throw new IllegalArgumentException(
          "student, momentum and teacher must be alike, not %d, %d and %d values"
              .formatted(student.length, momentum.length, teacher.length));
    }
  }

  /** CRC-32C of the student's parameters: equal states, equal checksums. */
  public int checksum() {
    CRC32C checksum = new CRC32C();
    ByteBuffer chunk = ByteBuffer.allocate(1 << 16);
    for (float value : student) {
      if (!chunk.hasRemaining()) {
        checksum.update(chunk.flip());
        chunk.clear();
      }
      chunk.putFloat(value);
    }
    checksum.update(chunk.flip());
    return (int) checksum.getValue();
  }
}
