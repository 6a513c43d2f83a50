package io.freshet.trainer.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a trainer: one file each, {@code step-000000000120.<sha256>.safetensors}.
 *
 * <p>Guarantees: a checkpoint appears under its name whole and durable or not at all (written
 * aside, synced, renamed, directory synced); a file that is not what was written is never loaded;
 * the newest {@code retained} stay. A damaged file is put aside as {@code *.damaged} and the next
 * older one is used.
 *
 * <p>One writer at a time; not thread-safe.
 */
public final class CheckpointDirectory {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointDirectory.class);
  private static final Pattern NAME =
      Pattern.compile("step-([0-9]{12})\\.([0-9a-f]{64})\\.safetensors");
  private static final String PARTIAL = ".partial";

  private final Path dir;
  private final int retained;

  /** A complete checkpoint file. */
  private record Entry(Path file, long step, byte[] sha256) {}

  /** Opens, and creates when missing; leftovers of interrupted writes are deleted. */
  public CheckpointDirectory(Path dir, int retained) {
    this.dir = dir;
    this.retained = retained;
    try {
      Files.createDirectories(dir);
      for (Path file : list()) {
        if (file.getFileName().toString().endsWith(PARTIAL)) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("checkpoint directory " + dir + " can't be opened", e);
    }
  }

  /**
   * Writes a checkpoint; on return it is durable and older ones beyond the retention are gone.
   *
   * @throws IOException when it can't be written; then the older ones are untouched
   * @throws NonFiniteStateException when its state is not finite; nothing is written
   */
  public Path write(Checkpoint checkpoint) throws IOException {
    checkpoint.requireFinite();
    String step = "step-%012d.".formatted(checkpoint.position().step());
    Path partial = dir.resolve(step + "new" + PARTIAL);
    Files.deleteIfExists(partial);
    try {
      byte[] sha256 = CheckpointFile.write(partial, checkpoint);
      Path file = dir.resolve(step + HexFormat.of().formatHex(sha256) + ".safetensors");
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
      sync();
      deleteSurplus();
      return file;
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  private void sync() throws IOException {
    try (FileChannel channel = FileChannel.open(dir, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private void deleteSurplus() throws IOException {
    List<Entry> entries = entries();
    for (Entry surplus : entries.subList(Math.min(retained, entries.size()), entries.size())) {
      Files.deleteIfExists(surplus.file());
    }
  }

  /**
   * The newest checkpoint that is whole, or empty when there is none at all.
   *
   * @throws IllegalStateException when there are checkpoints but each is damaged: starting from
   *     nothing then is a decision for the operator
   */
  public Optional<Checkpoint> newest() {
    int damaged = 0;
    try {
      for (Entry entry : entries()) {
        Optional<Checkpoint> checkpoint = load(entry);
        if (checkpoint.isPresent()) {
          return checkpoint;
        }
        damaged++;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("checkpoints in " + dir + " can't be read", e);
    }
    if (damaged > 0) {
      throw new IllegalStateException(
          "all %d checkpoints in %s are damaged; restore a copy, or move the directory away to start anew"
              .formatted(damaged, dir));
    }
    return Optional.empty();
  }

  private Optional<Checkpoint> load(Entry entry) throws IOException {
    try {
      Checkpoint checkpoint = CheckpointFile.read(entry.file(), entry.sha256());
      if (checkpoint.position().step() != entry.step()) {
        throw new CheckpointDamagedException(
            "%s holds step %d".formatted(entry.file(), checkpoint.position().step()));
      }
      return Optional.of(checkpoint);
    } catch (CheckpointDamagedException e) {
      LOG.error("checkpoint put aside, an older one is tried: {}", e.getMessage());
      Path aside = entry.file().resolveSibling(entry.file().getFileName() + ".damaged");
      Files.move(entry.file(), aside, StandardCopyOption.REPLACE_EXISTING);
      return Optional.empty();
    }
  }

  /** Complete files, newest first. */
  private List<Entry> entries() throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (Path file : list()) {
      Matcher name = NAME.matcher(file.getFileName().toString());
      if (name.matches()) {
        entries.add(
            new Entry(file, Long.parseLong(name.group(1)), HexFormat.of().parseHex(name.group(2))));
      }
    }
    entries.sort(
        Comparator.comparingLong(Entry::step)
            .thenComparing(Entry::file, Comparator.comparing(CheckpointDirectory::modified))
            .reversed());
    return entries;
  }

  private static long modified(Path file) {
    return file.toFile().lastModified();
  }

  private List<Path> list() throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return files.toList();
    }
  }
}
