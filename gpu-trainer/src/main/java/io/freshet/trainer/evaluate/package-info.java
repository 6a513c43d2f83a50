/** Measures of a model on EVALUATION seeds. */
package io.freshet.trainer.evaluate;
