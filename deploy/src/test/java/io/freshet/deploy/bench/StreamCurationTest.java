package io.freshet.deploy.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.curator.CuratorConfig;
import io.freshet.dedup.DedupConfig;
import io.freshet.deploy.bench.PollutedStream.Kind;
import io.freshet.deploy.bench.PollutedStream.Pollution;
import io.freshet.deploy.demo.DemoImages;
import io.freshet.platform.config.Config;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class StreamCurationTest {
  private static PollutedStream whole;
  private static PollutedStream stream;
  private static PollutedStream withPlaceholders;

  @BeforeAll
  static void makeStream() {
    try (DemoImages images = DemoImages.open(Path.of("data"))) {
      whole = PollutedStream.of(images, Pollution.DRAWINGS_AND_COPIES);
      withPlaceholders = PollutedStream.of(images, Pollution.PLACEHOLDERS);
    }
    stream = start(whole);
  }

  private static PollutedStream start(PollutedStream stream) {
    return new PollutedStream(stream.seeds().subList(0, 30), stream.items().subList(0, 200));
  }

  @Test
  void fourFifthsOfTheStreamAreOfNoUse() {
    double all = whole.items().size();
    assertEquals(0.2, count(whole.items(), Kind.WANTED) / all, 1e-9);
    assertEquals(0.4, count(whole.items(), Kind.IRRELEVANT) / all, 1e-9);
    assertEquals(0.4, count(whole.items(), Kind.REPEATED) / all, 1e-9);
  }

  @Test
  void copiesGoAndWhatIsWantedIsTakenMoreOften() {
    StreamCuration curation = curation(stream, Config.defaults());
    List<PollutedStream.Item> unique = items(curation.unique());
    List<PollutedStream.Item> curated = items(curation.curated());
    assertTrue(new HashSet<>(curation.unique()).containsAll(curation.curated()));
    assertEquals(curation.curated().size(), new HashSet<>(curation.curated()).size());
    assertTrue(
        2 * count(unique, Kind.REPEATED) < count(stream.items(), Kind.REPEATED),
        "of 20 squares and their copies few remain: " + count(unique, Kind.REPEATED));
    assertTrue(share(curated, Kind.WANTED) > share(unique, Kind.WANTED));
  }

  @Test
  void fewPlaceholdersAreTaken() {
    assertEquals(
        0.2,
        (double) count(withPlaceholders.items(), Kind.WANTED) / withPlaceholders.items().size(),
        1e-9);
    PollutedStream some = start(withPlaceholders);
    StreamCuration curation = curation(some, Config.defaults());
    List<PollutedStream.Item> curated = curation.curated().stream().map(some.items()::get).toList();
    assertTrue(20 * count(curated, Kind.IRRELEVANT) < count(some.items(), Kind.IRRELEVANT));
    assertTrue(share(curated, Kind.WANTED) > 0.7, share(curated, Kind.WANTED) + " are wanted");
  }

  private static StreamCuration curation(PollutedStream stream, Config config) {
    return StreamCuration.of(
        stream,
        config.section("dedup", DedupConfig.class),
        config.section("curator", CuratorConfig.class));
  }

  private static List<PollutedStream.Item> items(List<Integer> places) {
    return places.stream().map(stream.items()::get).toList();
  }

  private static long count(List<PollutedStream.Item> items, Kind kind) {
    return items.stream().filter(item -> item.kind() == kind).count();
  }

  private static double share(List<PollutedStream.Item> items, Kind kind) {
    return (double) count(items, kind) / items.size();
  }
}
