package io.freshet.dedup.flow;

import io.freshet.dedup.candidate.Answer;
import io.freshet.dedup.candidate.BenchmarkScans;
import io.freshet.dedup.candidate.Edge;
import io.freshet.dedup.candidate.HashVisit;
import io.freshet.dedup.candidate.Inquiry;
import io.freshet.dedup.candidate.VectorVisit;
import io.freshet.dedup.component.ComponentNode;
import io.freshet.dedup.component.Evidence;
import io.freshet.dedup.component.Verdict;
import io.freshet.dedup.embed.Embedding;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.Embedding.Unreadable;
import io.freshet.dedup.embed.PixelHash;
import io.freshet.dedup.gather.Gathered;
import io.freshet.dedup.gather.Partial;
import io.freshet.dedup.hash.BitCode;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.settle.Fate;
import io.freshet.dedup.similarity.QueryCode;
import io.freshet.dedup.similarity.VectorCode;
import io.freshet.platform.flink.JobContext;
import io.freshet.schemas.DuplicateMethod;
import io.freshet.schemas.IngestedImage;
import io.freshet.schemas.Origin;
import io.freshet.schemas.RejectionReason;
import java.util.List;
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
              "benchmark",
              Types.STRING,
              "keeper",
              Types.STRING,
              "keeperIngestedMicros",
              Types.LONG,
              "stay",
              Types.ENUM(ComponentNode.Stay.class),
              "names",
              Types.INT,
              "children",
              Types.INT,
              "unnamedAt",
              Types.LONG));

  static final TypeInformation<Evidence> EVIDENCE =
      Types.POJO(
          Evidence.class,
          Map.of(
              "method",
              Types.ENUM(DuplicateMethod.class),
              "score",
              Types.FLOAT,
              "imageId",
              Types.STRING,
              "otherImageId",
              Types.STRING));

  public static final TypeInformation<Verdict> VERDICT =
      Types.POJO(
          Verdict.class,
          Map.of(
              "kind",
              Types.ENUM(Verdict.Kind.class),
              "imageId",
              Types.STRING,
              "keptImageId",
              Types.STRING,
              "evidence",
              Types.LIST(EVIDENCE)));

  private static final TypeInformation<List<Edge>> EDGES =
      Types.LIST(Types.POJO(Edge.class, Map.of("imageId", Types.STRING, "evidence", EVIDENCE)));

  private static final TypeInformation<Inquiry> INQUIRY =
      Types.POJO(
          Inquiry.class,
          Map.of("imageId", Types.STRING, "ingestedMicros", Types.LONG, "visits", Types.INT));

  private static final TypeInformation<VectorCode> VECTOR_CODE =
      Types.POJO(
          VectorCode.class,
          Map.of(
              "planes",
              PrimitiveArrayTypeInfo.LONG_PRIMITIVE_ARRAY_TYPE_INFO,
              "alignment",
              Types.FLOAT));

  private static final TypeInformation<QueryCode> QUERY_CODE =
      Types.POJO(
          QueryCode.class,
          Map.of(
              "planes",
              PrimitiveArrayTypeInfo.LONG_PRIMITIVE_ARRAY_TYPE_INFO,
              "least",
              Types.FLOAT,
              "step",
              Types.FLOAT));

  public static final TypeInformation<VectorVisit> VECTOR_VISIT =
      Types.POJO(
          VectorVisit.class,
          Map.ofEntries(
              Map.entry("shard", Types.INT),
              Map.entry("inquiry", INQUIRY),
              Map.entry("spaceId", Types.STRING),
              Map.entry("vector", PrimitiveArrayTypeInfo.FLOAT_PRIMITIVE_ARRAY_TYPE_INFO),
              Map.entry("code", VECTOR_CODE),
              Map.entry("query", QUERY_CODE),
              Map.entry("cells", PrimitiveArrayTypeInfo.INT_PRIMITIVE_ARRAY_TYPE_INFO),
              Map.entry("home", Types.INT),
              Map.entry("founds", Types.BOOLEAN),
              Map.entry("parent", Types.INT),
              Map.entry("excess", Types.FLOAT)));

  static final TypeInformation<BenchmarkScans.Scan> BENCHMARK_SCAN =
      Types.POJO(BenchmarkScans.Scan.class, Map.of("visit", VECTOR_VISIT, "founded", Types.INT));

  public static final TypeInformation<HashVisit> HASH_VISIT =
      Types.POJO(
          HashVisit.class,
          Map.of(
              "pair",
              Types.INT,
              "inquiry",
              INQUIRY,
              "codes",
              Types.LIST(
                  Types.POJO(
                      BitCode.class,
                      Map.of("words", PrimitiveArrayTypeInfo.LONG_PRIMITIVE_ARRAY_TYPE_INFO)))));

  private static final TypeInformation<List<String>> IMAGE_IDS = Types.LIST(Types.STRING);

  public static final TypeInformation<Answer> ANSWER =
      Types.POJO(
          Answer.class,
          Map.of("inquiry", INQUIRY, "edges", EDGES, "stored", Types.INT, "forgotten", IMAGE_IDS));

  static final TypeInformation<Partial> PARTIAL =
      Types.POJO(
          Partial.class,
          Map.of(
              "answers", Types.INT, "edges", EDGES, "stored", Types.INT, "forgotten", IMAGE_IDS));

  public static final TypeInformation<Gathered> GATHERED =
      Types.POJO(
          Gathered.class,
          Map.of(
              "imageId",
              Types.STRING,
              "ingestedMicros",
              Types.LONG,
              "edges",
              EDGES,
              "stored",
              Types.INT,
              "forgotten",
              IMAGE_IDS));

  static final TypeInformation<Fate> FATE =
      Types.POJO(
          Fate.class,
          Map.of(
              "keptImageId",
              Types.STRING,
              "contaminated",
              Types.BOOLEAN,
              "evidence",
              Types.LIST(EVIDENCE),
              "returned",
              Types.BOOLEAN));

  private static final TypeInformation<PixelHash> PIXEL_HASH =
      Types.POJO(
          PixelHash.class,
          Map.of(
              "upright", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO,
              "mirrored", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO,
              "quality", Types.INT));

  static final TypeInformation<Embedded> EMBEDDED =
      Types.POJO(
          Embedded.class,
          Map.of(
              "request",
              REQUEST,
              "spaceId",
              Types.STRING,
              "vector",
              PrimitiveArrayTypeInfo.FLOAT_PRIMITIVE_ARRAY_TYPE_INFO,
              "hashes",
              Types.LIST(PIXEL_HASH)));

  public static final TypeInformation<List<Embedded>> SEQUENCE_BATCH = Types.LIST(EMBEDDED);

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

  /** A request, or the id of an image that is forgotten. */
  public static final TypeInformation<Either<Request, String>> REQUESTED =
      new EitherTypeInfo<>(REQUEST, Types.STRING);

  /** An image, a further request for its pixels, or the id of an image that is forgotten. */
  public static final TypeInformation<Either<Embedded, Either<Request, String>>> ADMITTED =
      new EitherTypeInfo<>(EMBEDDED, REQUESTED);

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
