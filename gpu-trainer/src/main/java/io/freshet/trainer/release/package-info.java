/** A trained model as others use it: Hugging Face layout, ONNX, registry release. */
package io.freshet.trainer.release;
