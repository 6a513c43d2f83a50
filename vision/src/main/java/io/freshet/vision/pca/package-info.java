/**
 * The principal components of many vectors, and pictures of them. For pictures the first few
 * directions do; {@code vision.hash}, whose bits must be the same on every machine, has an exact
 * solver of its own.
 */
package io.freshet.vision.pca;
