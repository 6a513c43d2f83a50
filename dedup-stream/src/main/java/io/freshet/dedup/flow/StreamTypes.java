package io.freshet.dedup.flow;

import io.freshet.dedup.component.ComponentNode;
import io.freshet.dedup.component.Evidence;
import io.freshet.dedup.embed.Embedding;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.Embedding.Unreadable;
import io.freshet.dedup.embed.PixelHash;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.screen.Screened.Copy;
import io.freshet.platform.flink.JobContext;
import io.freshet.schemas.DuplicateMethod;
import io.freshet.schemas.IngestedImage;
import io.freshet.schemas.Origin;
import io.freshet.schemas.RejectionReason;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.typeutils.EitherTypeInfo;
import org.apache.flink.types.Either;

/**
 * How the job's own records travel between its operators and lie in its state. Named in full, so
 * that nothing falls back to a generic serializer.
 */
public final class StreamTypes {
  public static final TypeInformation<Request> REQUEST =
      Types.POJO(
          Request.class,
          Map.of(
              "image", JobContext.avro(IngestedImage.class),
              "origin", JobContext.avro(Origin.class)));

  public static final TypeInformation<Copy> COPY =
      Types.POJO(
          Copy.class,
          Map.of(
              "request",
              REQUEST,
              "of",
              Types.STRING,
              "method",
              Types.ENUM(DuplicateMethod.class),
              "score",
              Types.FLOAT));

  static final TypeInformation<ComponentNode> COMPONENT_NODE =
      Types.POJO(
          ComponentNode.class,
          Map.of(
              "parent",
              Types.STRING,
              "decided",
              Types.BOOLEAN,
              "images",
              Types.INT,
              "keeper",
              Types.STRING,
              "keeperIngestedMicros",
              Types.LONG));

  static final TypeInformation<Evidence> EVIDENCE =
      Types.POJO(
          Evidence.class,
          Map.of("method", Types.ENUM(DuplicateMethod.class), "score", Types.FLOAT));

  private static final TypeInformation<PixelHash> PIXEL_HASH =
      Types.POJO(
          PixelHash.class,
          Map.of(
              "upright", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO,
              "mirrored", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO,
              "quality", Types.INT));

  private static final TypeInformation<Embedded> EMBEDDED =
      Types.POJO(
          Embedded.class,
          Map.of(
              "request",
              REQUEST,
              "spaceId",
              Types.STRING,
              "vector",
              PrimitiveArrayTypeInfo.FLOAT_PRIMITIVE_ARRAY_TYPE_INFO,
              "hash",
              PIXEL_HASH));

  private static final TypeInformation<Unreadable> UNREADABLE =
      Types.POJO(
          Unreadable.class,
          Map.of(
              "request",
              REQUEST,
              "reason",
              Types.ENUM(RejectionReason.class),
              "detail",
              Types.STRING));

  public static final TypeInformation<Either<Embedded, Unreadable>> EMBEDDING =
      new EitherTypeInfo<>(EMBEDDED, UNREADABLE);

  private StreamTypes() {}

  public static Either<Embedded, Unreadable> toEither(Embedding embedding) {
    return embedding instanceof Embedded embedded
        ? Either.Left(embedded)
        : Either.Right((Unreadable) embedding);
  }

  public static Embedding fromEither(Either<Embedded, Unreadable> either) {
    return either.isLeft() ? either.left() : either.right();
  }
}
