/**
 * Files of weights, read as data and nothing else: safetensors, PyTorch checkpoints, and the names
 * of Hugging Face's layout.
 */
package io.freshet.vision.weights;
