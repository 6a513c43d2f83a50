/**
 * Pixels to network input as DINOv2 does it: Pillow's arithmetic on 8-bit samples, torchvision's
 * sampling of parameters.
 */
package io.freshet.vision.transform;
