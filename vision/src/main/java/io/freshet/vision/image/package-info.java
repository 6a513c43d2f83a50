/**
 * Bytes of strangers to pixels: sniffing, limits, decoding to sRGB, and the canonical encoding
 * under which an image is stored and named.
 */
package io.freshet.vision.image;
