package io.freshet.platform.flink;

import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;

/**
 * Type of a generated record: Avro binary, whose state evolves by Avro's resolution rules. Flink's
 * own type for Avro records wants setters, and ours are immutable. No field expressions; key by a
 * function.
 */
final class RecordTypeInfo<T extends SpecificRecordBase> extends TypeInformation<T> {
  private static final long serialVersionUID = 1L;

  static {
    RecordTypeFactory.register();
  }

  private final Class<T> type;

  RecordTypeInfo(Class<T> type) {
    this.type = type;
  }

  @Override
  public boolean isBasicType() {
    return false;
  }

  @Override
  public boolean isTupleType() {
    return false;
  }

  @Override
  public int getArity() {
    return 1;
  }

  @Override
  public int getTotalFields() {
    return 1;
  }

  @Override
  public Class<T> getTypeClass() {
    return type;
  }

  @Override
  public boolean isKeyType() {
    return false;
  }

  @Override
  public TypeSerializer<T> createSerializer(SerializerConfig config) {
    return new TrustedAvroSerializer<>(type);
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof RecordTypeInfo<?>;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RecordTypeInfo<?> that && type == that.type;
  }

  @Override
  public int hashCode() {
    return type.hashCode();
  }

  @Override
  public String toString() {
    return "Record<" + type.getSimpleName() + ">";
  }
}
