package io.freshet.vision.weights;

/** Element types of stored weights. The names are those of the safetensors format. */
public enum WeightType {
  F64(8),
  F32(4),
  F16(2),
  BF16(2),
  I64(8),
  I32(4),
  I16(2),
  I8(1),
  U8(1),
  BOOL(1);

  private final int bytes;

  WeightType(int bytes) {
    this.bytes = bytes;
  }

  /** Width of one element. */
  public int bytes() {
    return bytes;
  }
}
