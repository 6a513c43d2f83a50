package io.freshet.ingest.intake;

import io.freshet.platform.blob.ShardWriter;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A shard in memory that tells what happened to it and in which order. */
public final class MemoryShard implements ShardWriter {
  private final Map<String, byte[]> entries = new LinkedHashMap<>();
  private final List<String> events = new ArrayList<>();
  private boolean full;

  public void fill() {
    full = true;
  }

  public Map<String, byte[]> entries() {
    return entries;
  }

  public List<String> events() {
    return events;
  }

  @Override
  public BlobRef append(String entryName, byte[] content) {
    if (full) {
      throw new UncheckedIOException(new IOException("no space left on the test's disk"));
    }
    entries.put(entryName, content.clone());
    events.add("append " + entryName);
    try {
      Sha256 digest = new Sha256(MessageDigest.getInstance("SHA-256").digest(content));
      return new BlobRef("memory.tar", 512L * entries.size(), content.length, digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void sync() {
    events.add("sync");
  }

  @Override
  public void close() {
    events.add("close");
  }
}
