/**
 * The mathematics of the trainer in TorchScript, one concept a file: heads, losses, targets and the
 * step that joins them. The files lie beside this package as resources.
 */
package io.freshet.trainer.torch;
