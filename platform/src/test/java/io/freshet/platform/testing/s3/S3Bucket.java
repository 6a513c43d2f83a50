package io.freshet.platform.testing.s3;

import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The objects and unfinished uploads of one bucket, and what S3 does with them. Thread-safe. */
final class S3Bucket {
  private static final int MIN_PART_BYTES = 5 << 20;
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");
  private static final Pattern PART = Pattern.compile("<Part>(.*?)</Part>", Pattern.DOTALL);

  /** An object, or a part of one. */
  private record Stored(byte[] bytes, String etag, Optional<String> checksum, Instant modified) {}

  /** An upload in parts. */
  private record Upload(String key, Instant begun, TreeMap<Integer, Stored> parts) {}

  private final TreeMap<String, Stored> objects = new TreeMap<>();
  private final TreeMap<String, Upload> uploads = new TreeMap<>();
  private Optional<NavigableMap<String, Stored>> frozen = Optional.empty();
  int maxKeys = 1_000;
  boolean ignoresPreconditions;
  boolean ignoresChecksums;

  synchronized S3Answer answer(S3Request request, String key) {
    if (key.isEmpty()) {
      return request.parameter("uploads").isPresent() ? listUploads(request) : list(request);
    }
    Optional<String> upload = request.parameter("uploadId");
    return switch (request.method()) {
      case "HEAD", "GET" -> get(request, key);
      case "PUT" -> upload.isPresent() ? part(request, upload.get()) : put(request, key);
      case "POST" -> upload.isPresent() ? complete(request, key, upload.get()) : begin(key);
      case "DELETE" -> upload.isPresent() ? abort(upload.get()) : delete(key);
      default -> throw new S3Refusal(405, "MethodNotAllowed");
    };
  }

  private S3Answer get(S3Request request, String key) {
    Stored found = objects.get(key);
    if (found == null) {
      throw new S3Refusal(404, "NoSuchKey");
    }
    int from = 0;
    int to = found.bytes().length;
    int status = 200;
    Matcher range = RANGE.matcher(request.header("Range").orElse(""));
    if (range.matches()) {
      from = Integer.parseInt(range.group(1));
      to = range.group(2).isEmpty() ? to : Math.min(to, Integer.parseInt(range.group(2)) + 1);
      status = 206;
      if (from >= found.bytes().length) {
        throw new S3Refusal(416, "InvalidRange");
      }
    }
    byte[] body = Arrays.copyOfRange(found.bytes(), from, to);
    S3Answer answer =
        new S3Answer(status, S3Answer.of(status).headers(), body)
            .with("ETag", found.etag())
            .with("Last-Modified", httpDate(found.modified()));
    if (request.header("x-amz-checksum-mode").filter("ENABLED"::equals).isPresent()) {
      found.checksum().ifPresent(sum -> answer.with("x-amz-checksum-sha256", sum));
    }
    return answer;
  }

  private static String httpDate(Instant at) {
    return DateTimeFormatter.RFC_1123_DATE_TIME.format(at.atZone(ZoneOffset.UTC));
  }

  private S3Answer put(S3Request request, String key) {
    requirePreconditions(request, key);
    Stored stored = stored(request);
    objects.put(key, stored);
    return S3Answer.of(200).with("ETag", stored.etag());
  }

  private void requirePreconditions(S3Request request, String key) {
    if (ignoresPreconditions) {
      return;
    }
    Stored present = objects.get(key);
    Optional<String> ifNoneMatch = request.header("If-None-Match");
    if (ifNoneMatch.filter(tag -> !tag.equals("*")).isPresent()) {
      throw new S3Refusal(501, "NotImplemented");
    }
    if (ifNoneMatch.isPresent() && present != null) {
      throw new S3Refusal(412, "PreconditionFailed");
    }
    Optional<String> ifMatch = request.header("If-Match");
    if (ifMatch.isPresent() && present == null) {
      throw new S3Refusal(404, "NoSuchKey");
    }
    if (ifMatch.filter(tag -> !tag.equals(present.etag())).isPresent()) {
      throw new S3Refusal(412, "PreconditionFailed");
    }
  }

  private Stored stored(S3Request request) {
    Optional<String> checksum = request.header("x-amz-checksum-sha256");
    String found = base64(SignatureV4.sha256(request.body()));
    if (checksum.filter(sum -> !sum.equals(found)).isPresent()) {
      throw new S3Refusal(400, "BadDigest");
    }
    return new Stored(
        request.body(),
        '"' + HexFormat.of().formatHex(md5(request.body())) + '"',
        ignoresChecksums ? Optional.empty() : checksum,
        now());
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS);
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static byte[] md5(byte[] bytes) {
    try {
      return MessageDigest.getInstance("MD5").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new LinkageError("MD5", e);
    }
  }

  private S3Answer delete(String key) {
    objects.remove(key);
    return S3Answer.of(204);
  }

  private S3Answer begin(String key) {
    String id = UUID.randomUUID().toString();
    uploads.put(id, new Upload(key, now(), new TreeMap<>()));
    return S3Answer.xml(
        "<InitiateMultipartUploadResult><Key>%s</Key><UploadId>%s</UploadId></InitiateMultipartUploadResult>"
            .formatted(key, id));
  }

  private Upload upload(String id) {
    return Optional.ofNullable(uploads.get(id))
        .orElseThrow(() -> new S3Refusal(404, "NoSuchUpload"));
  }

  private S3Answer part(S3Request request, String id) {
    Stored part = stored(request);
    upload(id).parts().put(Integer.valueOf(request.query().get("partNumber")), part);
    return S3Answer.of(200).with("ETag", part.etag());
  }

  private S3Answer complete(S3Request request, String key, String id) {
    Upload upload = upload(id);
    List<Stored> parts = new ArrayList<>();
    int last = 0;
    Matcher listed = PART.matcher(new String(request.body(), StandardCharsets.UTF_8));
    while (listed.find()) {
      int number = Integer.parseInt(element(listed.group(1), "PartNumber"));
      if (number <= last) {
        throw new S3Refusal(400, "InvalidPartOrder");
      }
      last = number;
      Stored part = upload.parts().get(number);
      String etag = element(listed.group(1), "ETag").replace("&quot;", "\"");
      if (part == null || !part.etag().replace("\"", "").equals(etag.replace("\"", ""))) {
        throw new S3Refusal(400, "InvalidPart");
      }
      parts.add(part);
    }
    objects.put(key, joined(parts));
    uploads.remove(id);
    return S3Answer.xml(
        "<CompleteMultipartUploadResult><Key>%s</Key><ETag>%s</ETag></CompleteMultipartUploadResult>"
            .formatted(key, objects.get(key).etag()));
  }

  private Stored joined(List<Stored> parts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ByteArrayOutputStream digests = new ByteArrayOutputStream();
    ByteArrayOutputStream tags = new ByteArrayOutputStream();
    for (int i = 0; i < parts.size(); i++) {
      Stored part = parts.get(i);
      if (i < parts.size() - 1 && part.bytes().length < MIN_PART_BYTES) {
        throw new S3Refusal(400, "EntityTooSmall");
      }
      bytes.writeBytes(part.bytes());
      digests.writeBytes(SignatureV4.sha256(part.bytes()));
      tags.writeBytes(md5(part.bytes()));
    }
    return new Stored(
        bytes.toByteArray(),
        "\"%s-%d\"".formatted(HexFormat.of().formatHex(md5(tags.toByteArray())), parts.size()),
        ignoresChecksums
            ? Optional.empty()
            : Optional.of(base64(SignatureV4.sha256(digests.toByteArray())) + "-" + parts.size()),
        now());
  }

  private static String element(String xml, String name) {
    Matcher found = Pattern.compile("<" + name + ">(.*?)</" + name + ">").matcher(xml);
    if (!found.find()) {
      throw new S3Refusal(400, "MalformedXML");
    }
    return found.group(1);
  }

  private S3Answer abort(String id) {
    upload(id);
    uploads.remove(id);
    return S3Answer.of(204);
  }

  private S3Answer listUploads(S3Request request) {
    String prefix = request.parameter("prefix").orElse("");
    StringBuilder xml = new StringBuilder("<ListMultipartUploadsResult>");
    uploads.forEach(
        (id, upload) -> {
          if (upload.key().startsWith(prefix)) {
            xml.append(
                "<Upload><Key>%s</Key><UploadId>%s</UploadId><Initiated>%s</Initiated></Upload>"
                    .formatted(upload.key(), id, upload.begun()));
          }
        });
    return S3Answer.xml(
        xml.append("<IsTruncated>false</IsTruncated></ListMultipartUploadsResult>").toString());
  }

  private S3Answer list(S3Request request) {
    if (request.parameter("list-type").filter("2"::equals).isEmpty()) {
      throw new S3Refusal(501, "NotImplemented");
    }
    String prefix = request.parameter("prefix").orElse("");
    String after =
        request
            .parameter("continuation-token")
            .map(token -> new String(Base64.getDecoder().decode(token), StandardCharsets.UTF_8))
            .orElse("");
    boolean folded = request.parameter("delimiter").filter("/"::equals).isPresent();
    StringBuilder xml = new StringBuilder("<ListBucketResult>");
    TreeSet<String> folders = new TreeSet<>();
    String last = null;
    boolean more = false;
    int count = 0;
    for (Map.Entry<String, Stored> entry : frozen.orElse(objects).tailMap(prefix).entrySet()) {
      String key = entry.getKey();
      if (!key.startsWith(prefix)) {
        break;
      }
      int slash = folded ? key.indexOf('/', prefix.length()) : -1;
      String name = slash < 0 ? key : key.substring(0, slash + 1);
      if (name.compareTo(after) <= 0 || folders.contains(name)) {
        continue;
      }
      if (count == maxKeys) {
        more = true;
        break;
      }
      count++;
      last = name;
      if (slash >= 0) {
        folders.add(name);
      } else {
        xml.append(line(name, entry.getValue()));
      }
    }
    folders.forEach(
        folder ->
            xml.append(
                "<CommonPrefixes><Prefix>%s</Prefix></CommonPrefixes>".formatted(encode(folder))));
    if (more) {
      xml.append("<NextContinuationToken>")
          .append(base64(last.getBytes(StandardCharsets.UTF_8)))
          .append("</NextContinuationToken>");
    }
    return S3Answer.xml(
        xml.append(
                "<EncodingType>url</EncodingType><KeyCount>%d</KeyCount><IsTruncated>%s</IsTruncated></ListBucketResult>"
                    .formatted(count, more))
            .toString());
  }

  private static String line(String key, Stored object) {
    return "<Contents><Key>%s</Key><LastModified>%s</LastModified><ETag>%s</ETag><Size>%d</Size></Contents>"
        .formatted(encode(key), object.modified(), object.etag(), object.bytes().length);
  }

  private static String encode(String key) {
    return URLEncoder.encode(key, StandardCharsets.UTF_8);
  }

  synchronized List<String> keys() {
    return List.copyOf(objects.keySet());
  }

  synchronized int unfinishedUploads() {
    return uploads.size();
  }

  synchronized byte[] content(String key) {
    return objects.get(key).bytes().clone();
  }

  synchronized void overwrite(String key, byte[] content) {
    objects.put(
        key,
        new Stored(
            content, '"' + HexFormat.of().formatHex(md5(content)) + '"', Optional.empty(), now()));
  }

  synchronized void remove(String key) {
    objects.remove(key);
  }

  synchronized void backdate(Instant to) {
    objects.replaceAll((key, o) -> new Stored(o.bytes(), o.etag(), o.checksum(), to));
    uploads.replaceAll((id, u) -> new Upload(u.key(), to, u.parts()));
  }

  synchronized void freezeLists(boolean freeze) {
    frozen = freeze ? Optional.of(new TreeMap<>(objects)) : Optional.empty();
  }
}
