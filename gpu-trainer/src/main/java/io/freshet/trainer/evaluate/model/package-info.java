/** Models of all kinds, opened to be measured. */
package io.freshet.trainer.evaluate.model;
