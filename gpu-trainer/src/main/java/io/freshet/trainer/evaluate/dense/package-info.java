/** What patch tokens tell of each pixel: linear segmentation and linear depth. */
package io.freshet.trainer.evaluate.dense;
