/** What is learned: the settings of the heads and of the DINO, iBOT and KoLeo losses. */
package io.freshet.trainer.loss;
