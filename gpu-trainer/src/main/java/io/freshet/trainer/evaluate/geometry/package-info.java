/** What can be said of features without any label. */
package io.freshet.trainer.evaluate.geometry;
