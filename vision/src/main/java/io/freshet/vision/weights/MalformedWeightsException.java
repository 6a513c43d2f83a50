package io.freshet.vision.weights;

import java.nio.file.Path;

/**
 * A weights file breaks its format, exceeds a limit, or asks for more than tensors. Nothing of it
 * was used.
 */
public final class MalformedWeightsException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** What is wrong. */
  public enum Defect {
    /** The file ends before its header does. */
    TRUNCATED_HEADER,
    /** The header is longer than the limit. */
    HEADER_TOO_LARGE,
    /** The header is not the JSON object that the format prescribes. */
    INVALID_HEADER,
    /** A tensor is named twice. */
    DUPLICATE_NAME,
    /** An element type that the format does not have or this reader does not hold. */
    UNKNOWN_TYPE,
    /** A negative or overflowing shape. */
    INVALID_SHAPE,
    /** Offsets that are reversed, or do not match shape and type. */
    LENGTH_MISMATCH,
    /** Two tensors share bytes. */
    OVERLAP,
    /** Bytes that belong to no tensor lie between tensors. */
    HOLE,
    /** Data that the header names lies beyond the end of the file. */
    TRUNCATED_DATA,
    /** Bytes follow the last tensor. */
    TRAILING_BYTES,
    /** A tensor of 2 GiB or more, or views that unpack to more than their file. */
    TENSOR_TOO_LARGE,
    /** The file is no zip archive of the expected layout. */
    INVALID_ARCHIVE,
    /** A pickle that is damaged, too long, or uses an opcode beyond plain data. */
    INVALID_PICKLE,
    /** A pickle that names a global beyond those that rebuild tensors. */
    FORBIDDEN_GLOBAL
  }

  private final Defect defect;

  public MalformedWeightsException(Defect defect, String message) {
    super(message);
    this.defect = defect;
  }

  public MalformedWeightsException(Defect defect, String message, Throwable cause) {
    super(message, cause);
    this.defect = defect;
  }

  /** The same defect, with the file that has it in front. */
  static MalformedWeightsException in(Path file, MalformedWeightsException cause) {
    return new MalformedWeightsException(cause.defect(), file + ": " + cause.getMessage(), cause);
  }

  public Defect defect() {
    return defect;
  }
}
