package io.freshet.platform.registry;

import io.freshet.platform.objects.ObjectStore;
import io.freshet.platform.objects.ObjectStore.Content;
import io.freshet.platform.objects.ObjectStore.Entry;
import io.freshet.platform.objects.ObjectStore.UnfinishedUpload;
import io.freshet.platform.objects.ObjectStore.Uploaded;
import io.freshet.platform.objects.ObjectTooLargeException;
import io.freshet.platform.objects.Precondition;
import io.freshet.platform.objects.UncertainWriteException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A registry in a bucket, where nothing can be renamed. The files of a release lie under the name
 * of their publication, which nobody else writes; the release becomes visible by the one write of
 * its manifest under a number, which fails when the number is taken, and goes when a mark takes the
 * manifest's place. See "In a bucket" in {@code docs/registry-format.md}.
 */
final class BucketStorage implements RegistryStorage {
  private static final Logger LOG = LoggerFactory.getLogger(BucketStorage.class);
  private static final String MODELS = "models/";
  private static final String ALIASES = "aliases/";
  private static final String ALIAS_SUFFIX = ".json";
  private static final String UPLOAD = "?uploadId=";
  private static final Pattern VERSION = Pattern.compile("([1-9][0-9]{0,8})/manifest\\.json");
  private static final Pattern PUBLICATION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  private final ObjectStore objects;
  private final ReleaseCopies copies;
  private volatile boolean safe;

  BucketStorage(ObjectStore objects, ReleaseCopies copies) {
    this.objects = objects;
    this.copies = copies;
  }

  @Override
  public void requireSafeWrites() {
    if (!safe) {
      ConditionalWrites.require(objects);
      safe = true;
    }
  }

  private static String versionsKey(String model) {
    return MODELS + Ids.require("a model", model) + "/versions/";
  }

  private static String manifestKey(ModelVersion version) {
    return versionsKey(version.name()) + version.version() + "/" + Manifest.FILE;
  }

  private static String publicationsKey(String model) {
    return MODELS + Ids.require("a model", model) + "/publications/";
  }

  /** Where the files of a publication lie, as a release is laid out in a directory. */
  private static String publicationKey(String model, String publication) {
    if (!PUBLICATION.matcher(publication).matches()) {
      throw new ReleaseAlteredException(
          "'%.120s' is no name of a publication of %s; its manifest was altered"
              .formatted(publication, model));
    }
    return publicationsKey(model) + publication + "/";
  }

  private static String aliasKey(String alias) {
    return ALIASES + Ids.require("an alias", alias) + ALIAS_SUFFIX;
  }

  private interface Reading<T> {
    T read() throws IOException;
  }

  private static <T> T reading(Reading<T> reading) {
    try {
      return reading.read();
    } catch (ObjectTooLargeException e) {
      throw new ReleaseAlteredException(e.getMessage(), e);
    } catch (IOException e) {
      throw new RegistryException("the registry can't be read: " + e.getMessage(), e);
    }
  }

  @Override
  public List<String> models() {
    return reading(() -> objects.folders(MODELS)).stream().filter(Ids::isId).toList();
  }

  @Override
  public List<ModelVersion> versions(String model) {
    return numbers(model).stream()
        .filter(entry -> entry.bytes() > RemovedRelease.MAX_BYTES)
        .map(entry -> new ModelVersion(model, number(model, entry).getAsInt()))
        .sorted()
        .toList();
  }

  @Override
  public int lastNumber(String model) {
    return numbers(model).stream()
        .mapToInt(entry -> number(model, entry).getAsInt())
        .max()
        .orElse(0);
  }

  /** Manifests, and what took the place of removed ones. */
  private List<Entry> numbers(String model) {
    return reading(() -> objects.list(versionsKey(model))).stream()
        .filter(entry -> number(model, entry).isPresent())
        .toList();
  }

  private static OptionalInt number(String model, Entry entry) {
    Matcher matcher = VERSION.matcher(entry.key().substring(versionsKey(model).length()));
    return matcher.matches()
        ? OptionalInt.of(Integer.parseInt(matcher.group(1)))
        : OptionalInt.empty();
  }

  @Override
  public boolean exists(ModelVersion version) {
    return reading(() -> objects.size(manifestKey(version)))
        .filter(bytes -> bytes > RemovedRelease.MAX_BYTES)
        .isPresent();
  }

  @Override
  public String manifestPlace(ModelVersion version) {
    return objects.place(manifestKey(version));
  }

  @Override
  public Optional<byte[]> manifest(ModelVersion version) {
    return reading(() -> find(version)).map(Content::bytes);
  }

  private Optional<Content> find(ModelVersion version) throws IOException {
    return objects
        .get(manifestKey(version), Manifest.MAX_BYTES)
        .filter(content -> RemovedRelease.read(content.bytes()).isEmpty());
  }

  @Override
  public Optional<byte[]> signature(ModelVersion version) {
    return reading(
            () -> objects.get(files(version) + Manifest.SIGNATURE, TrustedKeys.SIGNATURE_BYTES))
        .map(Content::bytes);
  }

  @Override
  public InputStream read(ModelVersion version, String path, long offset) throws IOException {
    return objects.read(files(version) + Ids.requireFile(path), offset);
  }

  /** Where the files of a release lie, by its manifest as it is now. */
  private String files(ModelVersion version) {
    byte[] bytes =
        manifest(version)
            .orElseThrow(() -> new RegistryException("%s is not published".formatted(version)));
    return publicationKey(version.name(), publication(version, bytes));
  }

  private String publication(ModelVersion version, byte[] manifest) {
    try {
      return ManifestJson.read(version, manifest).publication();
    } catch (IllegalArgumentException e) {
      throw new ReleaseAlteredException(
          "%s was altered: %s".formatted(manifestPlace(version), e.getMessage()), e);
    }
  }

  @Override
  public Path open(Manifest manifest, byte[] bytes, Optional<byte[]> signature) {
    String files = publicationKey(manifest.name(), manifest.publication());
    return copies.open(
        new ReleaseCopy(manifest, bytes, signature),
        (path, offset) -> readListed(files + path, offset));
  }

  /** A reader may fall back to another release when a file of this one is gone. */
  private InputStream readListed(String key, long offset) throws IOException {
    try {
      return objects.read(key, offset);
    } catch (NoSuchFileException e) {
      throw new ReleaseAlteredException(
          "%s is gone; use another version or restore this one".formatted(e.getMessage()), e);
    }
  }

  @Override
  public List<String> aliases() {
    return reading(() -> objects.list(ALIASES)).stream()
        .map(entry -> entry.key().substring(ALIASES.length()))
        .filter(name -> name.endsWith(ALIAS_SUFFIX))
        .map(name -> name.substring(0, name.length() - ALIAS_SUFFIX.length()))
        .filter(Ids::isId)
        .toList();
  }

  @Override
  public Optional<StoredAlias> alias(String name) {
    String key = aliasKey(name);
    return reading(() -> objects.get(key, Alias.MAX_BYTES))
        .map(found -> new StoredAlias(found.bytes(), found.etag(), objects.place(key)));
  }

  @Override
  public boolean moveAlias(String name, Optional<StoredAlias> seen, byte[] content)
      throws IOException {
    Precondition precondition =
        seen.map(alias -> Precondition.unchanged(alias.revision())).orElse(Precondition.absent());
    return objects.put(aliasKey(name), content, precondition).isPresent();
  }

  @Override
  public StagedRelease stage(String model, String publication) {
    return new StagedObjects(publicationKey(model, publication));
  }

  /** Files under the name of their publication, committed by the manifest under a number. */
  private final class StagedObjects implements StagedRelease {
    private final String files;

    StagedObjects(String files) {
      this.files = files;
    }

    @Override
    public ReleaseFile add(String path, Path source) throws IOException {
      Uploaded uploaded = objects.upload(files + path, source);
      return new ReleaseFile(uploaded.bytes(), uploaded.sha256());
    }

    @Override
    public boolean commit(ModelVersion version, byte[] manifest, Optional<byte[]> signature)
        throws IOException {
      try {
        objects.put(files + Manifest.FILE, manifest, Precondition.none());
        if (signature.isPresent()) {
          objects.put(files + Manifest.SIGNATURE, signature.get(), Precondition.none());
        }
      } catch (UncertainWriteException e) {
        // Certain enough: no reader looks there before the next write.
        throw new IOException(e.getMessage(), e);
      }
      try {
        return objects.put(manifestKey(version), manifest, Precondition.absent()).isPresent();
      } catch (UncertainWriteException e) {
        throw new UncertainCommitException(e);
      }
    }

    @Override
    public void discard() {
      deleteAll(files);
    }
  }

  /** Best effort. */
  private void deleteAll(String prefix) {
    try {
      for (UnfinishedUpload upload : objects.unfinishedUploads(prefix)) {
        objects.abort(upload);
      }
      objects.delete(objects.list(prefix).stream().map(Entry::key).toList());
    } catch (IOException e) {
      LOG.warn("what no reader sees could not be removed and takes space: {}", e.getMessage());
    }
  }

  @Override
  public long bytes(ModelVersion version) {
    try {
      String files = files(version);
      return sum(reading(() -> objects.list(files)));
    } catch (RegistryException e) {
      return 0;
    }
  }

  private static long sum(List<Entry> entries) {
    return entries.stream().mapToLong(Entry::bytes).sum();
  }

  @Override
  public Optional<Withdrawal> withdraw(ModelVersion version) throws IOException {
    Optional<Content> found = find(version);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    String publication = publication(version, found.get().bytes());
    Optional<String> mark =
        objects.put(
            manifestKey(version),
            new RemovedRelease(publication).toJson(),
            Precondition.unchanged(found.get().etag()));
    return mark.map(
        etag ->
            new MarkedRemoved(
                version, found.get(), publicationKey(version.name(), publication), etag));
  }

  private final class MarkedRemoved implements Withdrawal {
    private final ModelVersion version;
    private final Content manifest;
    private final String files;
    private final String mark;

    MarkedRemoved(ModelVersion version, Content manifest, String files, String mark) {
      this.version = version;
      this.manifest = manifest;
      this.files = files;
      this.mark = mark;
    }

    @Override
    public String place() {
      return objects.place(files);
    }

    @Override
    public void restore() throws IOException {
      if (objects
          .put(manifestKey(version), manifest.bytes(), Precondition.unchanged(mark))
          .isEmpty()) {
        throw new IOException(manifestPlace(version) + " was changed meanwhile");
      }
    }

    @Override
    public void delete() {
      deleteAll(files);
    }
  }

  @Override
  public Map<String, Long> leftovers(Instant before) {
    Map<String, Long> leftovers = new TreeMap<>();
    for (String model : models()) {
      publicationLeftovers(model, before).forEach(leftovers::put);
    }
    for (Entry probe : reading(() -> objects.list(ConditionalWrites.PREFIX))) {
      if (probe.modified().isBefore(before)) {
        leftovers.put(objects.place(probe.key()), probe.bytes());
      }
    }
    for (UnfinishedUpload upload : reading(() -> objects.unfinishedUploads(MODELS))) {
      if (upload.begun().isBefore(before)) {
        leftovers.put(objects.place(upload.key()) + UPLOAD + upload.id(), 0L);
      }
    }
    return leftovers;
  }

  /** Publications first, manifests after: one that is committed in between is seen. */
  private Map<String, Long> publicationLeftovers(String model, Instant before) {
    String prefix = publicationsKey(model);
    Map<String, Long> bytes = new TreeMap<>();
    Map<String, Instant> newest = new TreeMap<>();
    for (Entry entry : reading(() -> objects.list(prefix))) {
      String publication = entry.key().substring(prefix.length()).split("/", 2)[0];
      bytes.merge(prefix + publication + "/", entry.bytes(), Long::sum);
      newest.merge(prefix + publication + "/", entry.modified(), (a, b) -> a.isAfter(b) ? a : b);
    }
    newest.forEach(
        (files, written) -> {
          if (!written.isBefore(before)) {
            bytes.remove(files);
          }
        });
    Map<String, Long> leftovers = new TreeMap<>();
    if (!bytes.isEmpty() && removeNeeded(model, before, bytes)) {
      bytes.forEach((files, size) -> leftovers.put(objects.place(files), size));
    }
    return leftovers;
  }

  /**
   * Releases need their files, and so do those that were withdrawn a moment ago and may come back.
   *
   * @return false when it can't be told what is needed
   */
  private boolean removeNeeded(String model, Instant before, Map<String, Long> leftovers) {
    for (Entry entry : numbers(model)) {
      boolean isRemoved = entry.bytes() <= RemovedRelease.MAX_BYTES;
      if (isRemoved && entry.modified().isBefore(before)) {
        continue;
      }
      Optional<Content> content = reading(() -> objects.get(entry.key(), Manifest.MAX_BYTES));
      try {
        content.ifPresent(
            found -> leftovers.remove(publicationKey(model, publication(found.bytes()))));
      } catch (IllegalArgumentException | ReleaseAlteredException e) {
        LOG.warn(
            "{} was altered, so nothing of {} is taken for a leftover: {}",
            objects.place(entry.key()),
            model,
            e.getMessage());
        return false;
      }
    }
    return true;
  }

  private static String publication(byte[] bytes) {
    return RemovedRelease.read(bytes)
        .map(RemovedRelease::publication)
        .orElseGet(() -> ManifestJson.read(bytes).publication());
  }

  @Override
  public void deleteLeftover(String leftover) {
    String key = leftover.substring(objects.place("").length());
    int upload = key.indexOf(UPLOAD);
    if (upload < 0) {
      deleteAll(key);
      return;
    }
    try {
      objects.abort(
          new UnfinishedUpload(
              key.substring(0, upload), key.substring(upload + UPLOAD.length()), Instant.EPOCH));
    } catch (IOException e) {
      LOG.warn("an unfinished upload could not be removed and takes space: {}", e.getMessage());
    }
  }
}
