/** One training step from pixels to an updated student and teacher, and the state it works on. */
package io.freshet.trainer.step;
