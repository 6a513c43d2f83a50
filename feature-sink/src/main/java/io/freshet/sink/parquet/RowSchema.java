package io.freshet.sink.parquet;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.AbstractList;
import java.util.List;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * The columns of the files: {@code image_id}, {@code space_id}, {@code vector} (list of float, null
 * when withdrawn), {@code decided_at} (null when withdrawn) and {@code changed_at} (timestamps in
 * microseconds, UTC). Columns may be added; none changes its meaning.
 */
final class RowSchema {
  private static final Schema TIMESTAMP =
      LogicalTypes.timestampMicros().addToSchema(Schema.create(Schema.Type.LONG));

  static final Schema SCHEMA =
      SchemaBuilder.record("FeatureRow")
          .namespace("io.freshet.features")
          .fields()
          .requiredString("image_id")
          .requiredString("space_id")
          .name("vector")
          .type()
          .unionOf()
          .nullType()
          .and()
          .array()
          .items()
          .floatType()
          .endUnion()
          .nullDefault()
          .name("decided_at")
          .type(Schema.createUnion(Schema.create(Schema.Type.NULL), TIMESTAMP))
          .withDefault(null)
          .name("changed_at")
          .type(TIMESTAMP)
          .noDefault()
          .endRecord();

  private RowSchema() {}

  static GenericRecord record(FeatureRow row) {
    GenericRecord values = new GenericData.Record(SCHEMA);
    values.put("image_id", row.imageId());
    values.put("space_id", row.spaceId());
    values.put("vector", row.vector() == null ? null : list(row.vector()));
    values.put("decided_at", row.decidedAt() == null ? null : micros(row.decidedAt()));
    values.put("changed_at", micros(row.at()));
    return values;
  }

  static FeatureRow row(GenericRecord values) {
    Long decidedAt = (Long) values.get("decided_at");
    return new FeatureRow(
        values.get("image_id").toString(),
        values.get("space_id").toString(),
        vector((List<?>) values.get("vector")),
        decidedAt == null ? null : instant(decidedAt),
        instant((Long) values.get("changed_at")));
  }

  private static List<Float> list(float[] vector) {
    return new AbstractList<>() {
      @Override
      public Float get(int i) {
        return vector[i];
      }

      @Override
      public int size() {
        return vector.length;
      }
    };
  }

  private static float[] vector(List<?> elements) {
    if (elements == null) {
      return null;
    }
    float[] vector = new float[elements.size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (Float) elements.get(i);
    }
    return vector;
  }

  private static long micros(Instant at) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, at);
  }

  private static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
