package io.freshet.platform.flink;

import java.lang.reflect.Type;
import java.util.Map;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.api.common.typeinfo.TypeInfoFactory;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.TypeExtractor;

/**
 * Lets Flink's type extraction find {@link RecordTypeInfo} for every generated record, so that
 * operators over records need no type hints. Without it extraction fails on records that have no
 * setters.
 */
public final class RecordTypeFactory extends TypeInfoFactory<SpecificRecordBase> {
  private static boolean registered;

  /** For Flink. */
  public RecordTypeFactory() {}

  /** Idempotent; before the first operator of a graph is made. */
  static synchronized void register() {
    if (!registered && TypeExtractor.getTypeInfoFactory(SpecificRecordBase.class) == null) {
      TypeExtractor.registerFactory(SpecificRecordBase.class, RecordTypeFactory.class);
    }
    registered = true;
  }

  @Override
  public TypeInformation<SpecificRecordBase> createTypeInfo(
      Type type, Map<String, TypeInformation<?>> parameters) {
    @SuppressWarnings("unchecked")
    Class<SpecificRecordBase> generated = (Class<SpecificRecordBase>) type;
    return new RecordTypeInfo<>(generated);
  }
}
