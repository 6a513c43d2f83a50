package io.freshet.schemas;

import org.apache.avro.util.ClassSecurityValidator;

/**
 * Tells Avro that the generated records of this package may be instantiated.
 *
 * <p>Avro 1.12.2 refuses every class that its JVM-wide validator does not know. The permission is
 * per class loader, so everything that decodes or encodes a record of ours calls {@link #register}
 * from a static initialiser; on a Flink cluster that is before any job class is loaded.
 */
public final class TrustedRecords {
  private static final String PACKAGE = TrustedRecords.class.getPackageName() + ".";

  static {
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.DEFAULT, type -> type.getName().startsWith(PACKAGE)));
  }

  private TrustedRecords() {}

  /** Idempotent; the work happens once, in the static initialiser. */
  public static void register() {}
}
