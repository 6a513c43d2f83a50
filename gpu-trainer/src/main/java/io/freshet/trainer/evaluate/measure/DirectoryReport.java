package io.freshet.trainer.evaluate.measure;

import io.freshet.trainer.evaluate.directory.SkippedFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Collects what was measured, in that order. One thread at a time. */
public final class DirectoryReport {
  private final List<Measure> measures = new ArrayList<>();
  private final Map<String, Object> facts = new LinkedHashMap<>();
  private final List<SkippedFile> skipped = new ArrayList<>();
  private Optional<Classification> classification = Optional.empty();

  /** The numbers. */
  public List<Measure> measures() {
    return List.copyOf(measures);
  }

  /** What they were measured on: texts and whole numbers by snake_case name. */
  public Map<String, Object> facts() {
    return new LinkedHashMap<>(facts);
  }

  /** Images that could not be used. */
  public List<SkippedFile> skipped() {
    return List.copyOf(skipped);
  }

  /** What pictures are drawn from, when images were classified. */
  public Optional<Classification> classification() {
    return classification;
  }

  boolean has(String key) {
    return measures.stream().anyMatch(measure -> measure.key().equals(key));
  }

  void add(Measure measure) {
    measures.add(measure);
  }

  void fact(String name, Object value) {
    facts.put(name, value);
  }

  void skip(List<SkippedFile> more) {
    skipped.addAll(more);
  }

  void classified(Classification found) {
    classification = Optional.of(found);
  }
}
