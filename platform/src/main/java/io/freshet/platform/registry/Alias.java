package io.freshet.platform.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A name that points at a release.
 *
 * @param moves how it came there: newest first, at least the one that counts, at most {@value
 *     #MAX_MOVES}
 */
record Alias(String name, List<AliasMove> moves) {
  static final int MAX_MOVES = 20;
  static final int MAX_BYTES = 256 << 10;

  Alias {
    Ids.require("an alias", name);
    moves = List.copyOf(moves);
    if (moves.isEmpty() || moves.size() > MAX_MOVES) {
      throw new IllegalArgumentException(
          "alias %s has %d moves, must have 1 to %d".formatted(name, moves.size(), MAX_MOVES));
    }
  }

  /** An alias that nobody moved before. */
  static Alias of(String name, AliasMove first) {
    return new Alias(name, List.of(first));
  }

  /** The same alias after another move; the oldest moves are forgotten. */
  Alias moved(AliasMove next) {
    List<AliasMove> all = new ArrayList<>();
    all.add(next);
    all.addAll(moves.subList(0, Math.min(moves.size(), MAX_MOVES - 1)));
    return new Alias(name, all);
  }

  AliasMove current() {
    return moves.get(0);
  }

  byte[] toJson() {
    ObjectNode json = SealedJson.object().put("format", 1).put("alias", name);
    write(json, current());
    ArrayNode history = json.putArray("history");
    moves.stream().skip(1).forEach(move -> write(history.addObject(), move));
    return SealedJson.seal(json);
  }

  private static void write(ObjectNode json, AliasMove move) {
    json.put("model", move.target().name())
        .put("version", move.target().version())
        .put("manifest_sha256", move.manifestSha256())
        .put("moved_at", move.movedAt().toString())
        .put("reason", move.reason());
  }

  /**
   * @throws IllegalArgumentException when the bytes aren't an alias, or not what was sealed
   */
  static Alias read(byte[] bytes) {
    JsonFields json = new JsonFields(SealedJson.open(bytes).content()).requireFormat();
    List<AliasMove> moves = new ArrayList<>();
    moves.add(move(json));
    if (json.object().has("history")) {
      for (JsonNode former : json.array("history")) {
        moves.add(move(new JsonFields(former)));
      }
    }
    return new Alias(json.text("alias"), moves);
  }

  private static AliasMove move(JsonFields json) {
    return new AliasMove(
        new ModelVersion(json.text("model"), json.integer("version")),
        json.text("manifest_sha256"),
        instant(json.text("moved_at")),
        json.textOr("reason", ""));
  }

  private static Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("its time '" + text + "' is none", e);
    }
  }
}
