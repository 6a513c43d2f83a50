/** Classifiers on frozen features: logistic regression and the linear probe. */
package io.freshet.trainer.evaluate.probe;
