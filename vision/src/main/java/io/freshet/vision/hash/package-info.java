/** Short fingerprints of pixels: PDQ for other people's lists, the PCA hash for our own groups. */
package io.freshet.vision.hash;
