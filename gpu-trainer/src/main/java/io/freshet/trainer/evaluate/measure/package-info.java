/** All measures of one model on one directory. */
package io.freshet.trainer.evaluate.measure;
