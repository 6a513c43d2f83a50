package io.freshet.vision.image;

import java.util.Set;

/**
 * A body that was decoded.
 *
 * @param image the first frame: upright, sRGB, alpha laid on white
 * @param format what the body was
 * @param frames how many frames the body holds, at least 1
 * @param orientation the EXIF orientation that was undone, 1 to 8
 * @param notices what of the metadata could not be used
 */
public record DecodedImage(
    RgbImage image, Format format, int frames, int orientation, Set<Notice> notices) {

  /** Damage beside the pixels, which costs metadata and not the image. */
  public enum Notice {
    /** The EXIF block can't be read; the orientation is taken as 1. */
    EXIF_IGNORED,
    /** The colour profile can't be used; the samples are taken as sRGB. */
    PROFILE_IGNORED
  }

  public DecodedImage {
    if (frames < 1) {
      throw new IllegalArgumentException("an image has at least one frame, not " + frames);
    }
    if (orientation < 1 || orientation > 8) {
      throw new IllegalArgumentException("EXIF orientation is 1 to 8, not " + orientation);
    }
    notices = Set.copyOf(notices);
  }
}
