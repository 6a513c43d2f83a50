/** The mathematics of the probes in TorchScript; the files lie beside this package as resources. */
package io.freshet.trainer.evaluate.torch;
