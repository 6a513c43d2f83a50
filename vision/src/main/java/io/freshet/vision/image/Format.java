package io.freshet.vision.image;

/** What a body is, told from its first bytes alone; a name or a Content-Type is never asked. */
public enum Format {
  JPEG,
  PNG,
  GIF,
  WEBP,
  BMP
}
