package io.freshet.deploy.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.parquet.avro.AvroParquetReader;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.io.LocalInputFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CurateBatchCommandTest {
  private static final Path PHOTOS = Path.of("data/faces");

  @TempDir private Path temp;

  private String refusal(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--out", temp.resolve("taken.jsonl").toString(), temp.toString()));
    StringWriter out = new StringWriter();
    CommandLine command =
        new CommandLine(new CurateBatchCommand())
            .setOut(new PrintWriter(out))
            .setExecutionExceptionHandler(
                (error, line, parsed) -> {
                  out.write(error.getMessage());
                  return 1;
                });
    assertEquals(1, command.execute(all.toArray(String[]::new)), out.toString());
    assertFalse(Files.exists(temp.resolve("taken.jsonl")));
    return out.toString();
  }

  @Test
  void writesWhatTheSeedsOfADirectoryTakeFromAnother() throws IOException {
    Path images = Files.createDirectory(temp.resolve("images"));
    for (String photo : List.of("noface_coins.jpg", "noface_coffee.jpg", "noface_grass.jpg")) {
      Files.copy(PHOTOS.resolve(photo), images.resolve(photo));
    }
    Files.writeString(images.resolve("broken.jpg"), "no image");
    Path seeds = Files.createDirectory(temp.resolve("seeds"));
    Files.copy(PHOTOS.resolve("noface_coffee.jpg"), seeds.resolve("cup.jpg"));
    Path list = temp.resolve("taken.parquet");

    StringWriter out = new StringWriter();
    int status =
        new CommandLine(new CurateBatchCommand())
            .setOut(new PrintWriter(out))
            .execute(
                "--seeds",
                "cups=" + seeds,
                "--set",
                "curator.plan.samples_per_seed=2",
                "--out",
                list.toString(),
                images.toString());

    assertEquals(0, status, out.toString());
    assertTrue(out.toString().contains("2 of 3 images taken"), out.toString());
    assertTrue(out.toString().contains("1 left out"), out.toString());
    List<GenericRecord> rows = new ArrayList<>();
    try (ParquetReader<GenericRecord> reader =
        AvroParquetReader.<GenericRecord>builder(
                new LocalInputFile(list), new PlainParquetConfiguration())
            .withDataModel(GenericData.get())
            .build()) {
      for (GenericRecord row = reader.read(); row != null; row = reader.read()) {
        rows.add(row);
      }
    }
    assertEquals(2, rows.size());
    GenericRecord first = rows.get(0);
    assertEquals(images.resolve("noface_coffee.jpg").toString(), first.get("file").toString());
    assertEquals("cups", first.get("dataset").toString());
    assertEquals("SAMPLE", first.get("strategy").toString());
    assertEquals(seeds.resolve("cup.jpg").toString(), first.get("query_file").toString());
    assertEquals(first.get("image_id"), first.get("query_or_cluster_id"));
    assertEquals(1, (float) first.get("similarity"), 1e-5);
    assertEquals(1, first.get("rank"));
    assertEquals("bootstrap@1/features/l2", first.get("space_id").toString());
    assertEquals(0L, first.get("window"));
    assertEquals(2, rows.get(1).get("rank"));
    assertTrue((float) rows.get(1).get("similarity") < 0.99f);
  }

  @Test
  void refusesAPlanThatTakesNothing() {
    String refusal = refusal();
    assertTrue(refusal.contains("give --seeds NAME=DIR"), refusal);
  }

  @Test
  void refusesABudgetOfHostsWhereThereAreNone() {
    String refusal = refusal("--seeds", "own=" + temp, "--set", "curator.plan.images_per_host=3");
    assertTrue(refusal.contains("files of a directory come from no host"), refusal);
  }
}
