package io.freshet.deploy.backfill;

import io.freshet.platform.kafka.KafkaConfig;
import io.freshet.platform.kafka.TopicReader;
import io.freshet.schemas.BlobRef;
import io.freshet.schemas.ImageFeature;
import io.freshet.schemas.PatchFeature;
import io.freshet.schemas.RetractedImage;
import io.freshet.schemas.Revocation;
import io.freshet.schemas.Topics;
import io.freshet.schemas.UniqueImage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The stored images that lack a feature in a space, or the features of their patches where these
 * are published.
 *
 * @param missing their bytes, in the order of {@code image.unique}
 * @param patchesOnly those of them that lack the features of patches alone
 * @param present unique images that lack nothing
 * @param withdrawn unique images that were retracted or revoked
 */
public record BackfillNeed(List<BlobRef> missing, long patchesOnly, long present, long withdrawn) {
  /** Bytes to read for them. */
  public long missingBytes() {
    return missing.stream().mapToLong(BlobRef::getLength).sum();
  }

  /**
   * Reads four topics once, {@code image.feature} among them; ids of all images fit in memory.
   *
   * @param patchSpace the space of the features of patches, where they are published; {@code
   *     image.patch_feature} is read whole then
   */
  public static BackfillNeed read(KafkaConfig kafka, String space, Optional<String> patchSpace) {
    Count count = new Count(space, patchSpace);
    new TopicReader<>(kafka, Topics.IMAGE_REVOKED)
        .forEach(message -> count.revoked(message.value()));
    new TopicReader<>(kafka, Topics.IMAGE_RETRACTED)
        .forEach(message -> count.retracted(message.value()));
    new TopicReader<>(kafka, Topics.IMAGE_FEATURE)
        .forEach(message -> count.feature(message.value()));
    if (patchSpace.isPresent()) {
      new TopicReader<>(kafka, Topics.IMAGE_PATCH_FEATURE)
          .forEach(message -> count.patches(message.value()));
    }
    new TopicReader<>(kafka, Topics.IMAGE_UNIQUE).forEach(message -> count.unique(message.value()));
    return count.need();
  }

  /** Takes the unique images last. */
  static final class Count {
    private final String space;
    private final Optional<String> patchSpace;
    private final Set<String> withdrawnTargets = new HashSet<>();
    private final Set<String> described = new HashSet<>();
    private final Set<String> patched = new HashSet<>();
    private final Set<String> patchesOnly = new HashSet<>();
    private final Map<String, BlobRef> missing = new LinkedHashMap<>();
    private final Set<String> present = new HashSet<>();
    private final Set<String> withdrawn = new HashSet<>();

    Count(String space, Optional<String> patchSpace) {
      this.space = space;
      this.patchSpace = patchSpace;
    }

    void revoked(Revocation revocation) {
      withdrawnTargets.add(revocation.getTarget());
    }

    void retracted(RetractedImage image) {
      withdrawnTargets.add(image.getImageId());
    }

    void feature(ImageFeature feature) {
      if (feature.getCls().getSpaceId().equals(space)) {
        described.add(feature.getImageId());
      }
    }

    void patches(PatchFeature feature) {
      if (patchSpace.equals(Optional.of(feature.getSpaceId()))) {
        patched.add(feature.getImageId());
      }
    }

    void unique(UniqueImage image) {
      String id = image.getImageId();
      if (withdrawnTargets.contains(id)
          || withdrawnTargets.contains(image.getSource().getImageUrl())) {
        withdrawn.add(id);
        missing.remove(id);
        patchesOnly.remove(id);
      } else if (described.contains(id) && (patchSpace.isEmpty() || patched.contains(id))) {
        present.add(id);
      } else if (!withdrawn.contains(id)) {
        missing.put(id, image.getBlob());
        if (described.contains(id)) {
          patchesOnly.add(id);
        }
      }
    }

    BackfillNeed need() {
      return new BackfillNeed(
          new ArrayList<>(missing.values()), patchesOnly.size(), present.size(), withdrawn.size());
    }
  }
}
