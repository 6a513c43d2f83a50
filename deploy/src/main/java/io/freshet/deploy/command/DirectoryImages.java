package io.freshet.deploy.command;

import io.freshet.deploy.curation.AheadSource;
import io.freshet.deploy.curation.BatchImage;
import io.freshet.deploy.curation.LeftOut;
import io.freshet.deploy.curation.Place;
import io.freshet.vision.image.CanonicalEncoding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The images below a directory by path; of files with the same pixels the first. Keeps the paths
 * and ids of all.
 */
final class DirectoryImages extends AheadSource {
  private final List<Path> files;
  private final Iterator<Path> left;
  private final Set<String> given = new HashSet<>();
  private final ImageFiles reader = new ImageFiles();

  private DirectoryImages(List<Path> files, Consumer<LeftOut> leftOut) {
    super(leftOut);
    this.files = files;
    this.left = files.iterator();
  }

  static DirectoryImages below(Path directory, Consumer<LeftOut> leftOut) throws IOException {
    try (Stream<Path> walk = Files.walk(directory)) {
      return new DirectoryImages(walk.filter(Files::isRegularFile).sorted().toList(), leftOut);
    }
  }

  @Override
  public long total() {
    return files.size();
  }

  @Override
  protected boolean hasPlace() {
    return left.hasNext();
  }

  @Override
  protected Optional<BatchImage> look() {
    Path file = left.next();
    return readOrLeaveOut(file.toString(), "", () -> reader.read(file))
        .map(
            image ->
                new BatchImage(
                    CanonicalEncoding.imageId(image),
                    "",
                    new Place.InFile(file),
                    new BatchImage.Pixels(image)))
        .filter(image -> given.add(image.imageId()));
  }

  @Override
  public void close() {}
}
