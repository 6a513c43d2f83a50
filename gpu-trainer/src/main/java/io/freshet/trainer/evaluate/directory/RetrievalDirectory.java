package io.freshet.trainer.evaluate.directory;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.freshet.trainer.evaluate.retrieval.Relevance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Images with a statement of which of them each query should find: {@code retrieval.json}, an
 * object {@code {"queries": [{"file": ..., "easy": [...], "hard": [...], "junk": [...]}]}} whose
 * names are relative to the directory. Every other image of the directory is in the database.
 *
 * @param queries with an empty label
 * @param database with an empty label, by name
 * @param relevance of each query, by positions in the database
 */
public record RetrievalDirectory(
    List<LabelledFile> queries, List<LabelledFile> database, List<Relevance> relevance) {
  private static final String TRUTH = "retrieval.json";
  private static final long MAX_BYTES = 256L << 20;
  private static final Set<String> KEYS = new TreeSet<>(Set.of("file", "easy", "hard", "junk"));
  private static final ObjectMapper JSON = new ObjectMapper();

  public RetrievalDirectory {
    queries = List.copyOf(queries);
    database = List.copyOf(database);
    relevance = List.copyOf(relevance);
  }

  /** Whether a directory says what should be found. */
  public static boolean is(Path root) {
    return Files.isRegularFile(root.resolve(TRUTH));
  }

  /**
   * @throws IllegalArgumentException naming what of the file is wrong
   */
  public static RetrievalDirectory read(Path root) {
    Path file = root.resolve(TRUTH);
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new IllegalArgumentException(
            "%s has %,d bytes, the limit is %,d".formatted(file, Files.size(file), MAX_BYTES));
      }
      return of(root, file, JSON.readTree(file.toFile()).path("queries"));
    } catch (JacksonException e) {
      throw new IllegalArgumentException(file + " is no JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("can't read " + file, e);
    }
  }

  private static RetrievalDirectory of(Path root, Path file, JsonNode truth) throws IOException {
    if (!truth.isArray() || truth.isEmpty()) {
      throw new IllegalArgumentException(
          file + " has no queries; it must hold {\"queries\": [{\"file\": ..., \"easy\": [...]}]}");
    }
    List<LabelledFile> queries = new ArrayList<>();
    Set<String> asked = new HashSet<>();
    for (JsonNode query : truth) {
      requireKnownKeys(file, query);
      String name = inside(root, file, query.path("file"));
      queries.add(new LabelledFile(root.resolve(name), name, "", Optional.empty()));
      asked.add(name);
    }
    List<LabelledFile> database =
        LabelledDirectory.images(root).stream()
            .map(path -> new LabelledFile(path, relative(root, path), "", Optional.empty()))
            .filter(image -> !asked.contains(image.name()))
            .toList();
    Map<String, Integer> positions = new HashMap<>();
    database.forEach(image -> positions.put(image.name(), positions.size()));
    List<Relevance> relevance = new ArrayList<>();
    for (JsonNode query : truth) {
      relevance.add(
          new Relevance(
              positions(root, file, query.path("easy"), positions),
              positions(root, file, query.path("hard"), positions),
              positions(root, file, query.path("junk"), positions)));
    }
    return new RetrievalDirectory(queries, database, relevance);
  }

  private static void requireKnownKeys(Path file, JsonNode query) {
    query
        .fieldNames()
        .forEachRemaining(
            key -> {
              if (!KEYS.contains(key)) {
                throw new IllegalArgumentException(
                    "%s gives a query the unknown key %s; known are %s".formatted(file, key, KEYS));
              }
            });
  }

  /** The name of an image as the database has it. */
  private static String inside(Path root, Path file, JsonNode name) {
    if (!name.isTextual() || name.asText().isBlank()) {
      throw new IllegalArgumentException(
          "%s names an image %s; a name is a text such as \"a/b.jpg\""
              .formatted(file, name.isMissingNode() ? "not at all" : name));
    }
    Path image = root.resolve(name.asText()).normalize();
    if (!image.startsWith(root.normalize())) {
      throw new IllegalArgumentException(
          "%s names %s, which lies outside of %s".formatted(file, name.asText(), root));
    }
    return relative(root.normalize(), image);
  }

  private static Set<Integer> positions(
      Path root, Path file, JsonNode names, Map<String, Integer> known) {
    if (!names.isArray() && !names.isMissingNode()) {
      throw new IllegalArgumentException(
          "%s has %s where a list of names must be".formatted(file, names));
    }
    Set<Integer> positions = new HashSet<>();
    for (JsonNode name : names) {
      Integer position = known.get(inside(root, file, name));
      if (position == null) {
        throw new IllegalArgumentException(
            "%s names %s, which is no image of the directory, or a query"
                .formatted(file, name.asText()));
      }
      positions.add(position);
    }
    return positions;
  }

  private static String relative(Path root, Path path) {
    return root.relativize(path).toString().replace('\\', '/');
  }
}
