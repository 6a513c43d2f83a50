/**
 * Pictures of an evaluation. Those with text are SVG, for a machine without fonts can't draw any.
 */
package io.freshet.trainer.evaluate.plot;
