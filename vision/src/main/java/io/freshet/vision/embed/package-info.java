/**
 * Images to vectors of a named space, by the own vision transformer, ONNX Runtime or a TorchScript
 * file.
 */
package io.freshet.vision.embed;
