/** Retrieval by cosine, scored by mean average precision as on revisited Oxford and Paris. */
package io.freshet.trainer.evaluate.retrieval;
